import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import process from 'node:process'
import { attackCase } from '@console/testkit/attack'
import { sayLeftOut } from '@console/testkit/needs'
import { expect } from 'vitest'
import { parse } from 'yaml'
import { billOf, type Lock } from '../../scripts/sbom.ts'
import { root, textOf } from '../source-files.ts'

const shipped = [
  'apps/platform-service',
  'apps/devops-backend',
  'apps/docker-proxy',
  'apps/host-agent',
  'apps/devops-web',
  'apps/admin-web',
]
const patienceMs = 20_000

/** Packages that come from elsewhere than the registry that was asked, or that no digest holds to what was looked at. */
function foreignIn({ packages }: Lock): string[] {
  return Object.entries(packages).flatMap(([key, { resolution }]) =>
    Object.keys(resolution).join() === 'integrity' && /^sha512-[A-Za-z0-9+/]{86}==$/.test(resolution.integrity ?? '') ? [] : [key],
  )
}

/** What is known of what is shipped, by name and severity; a sentence where the registry answers no audit. @param registry the one of this machine where it is not given */
async function audited(registry?: string): Promise<readonly string[] | string> {
  const pnpm = process.env.npm_execpath?.includes('pnpm') ? [process.env.npm_execpath] : ['npx', '--yes', 'pnpm@12']
  const [program = '', ...args] = [
    ...pnpm,
    'audit',
    '--prod',
    '--audit-level',
    'high',
    '--json',
    ...(registry ? ['--registry', registry] : []),
  ]
  const child = spawn(program, args, { cwd: root, timeout: patienceMs, stdio: ['ignore', 'pipe', 'pipe'] })
  const texts = { out: '', err: '' }
  child.stdout.on('data', (chunk) => (texts.out += chunk))
  child.stderr.on('data', (chunk) => (texts.err += chunk))
  await new Promise((resolve) => child.once('close', resolve))
  if (!texts.out.startsWith('{'))
    return /ERR_PNPM_AUDIT_BAD_RESPONSE[\s\S]*?responded with [0-9]+/.exec(texts.err)?.[0].split(/\s+/).at(-1) ?? 'no answer in time'
  const { advisories } = JSON.parse(texts.out) as { advisories: Record<string, { module_name: string; severity: string }> }
  return Object.values(advisories).map(({ module_name: name, severity }) => `${name} ${severity}`)
}

/** A registry that knows of these advisories and of nothing else. */
async function registryThatKnows(advisories: object): Promise<{ url: string; asked: string[]; close(): void }> {
  const asked: string[] = []
  const server = createServer((request, reply) => {
    asked.push(`${request.method} ${request.url}`)
    request.resume()
    reply.setHeader('content-type', 'application/json')
    reply.end(JSON.stringify(advisories))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, close: () => void server.close() }
}

attackCase(
  'O7',
  'what is shipped comes from elsewhere, is not what was looked at, or is known to be weak',
  async (it) => {
    const lock = parse(textOf('pnpm-lock.yaml')) as Lock
    const [one = ''] = Object.keys(lock.packages).filter((key) => key.startsWith('fastify@'))
    await it.attack('a package from another host, of a repository, or without a digest', () => {
      const { integrity = '' } = lock.packages[one]?.resolution ?? {}
      for (const resolution of [
        { integrity, tarball: 'https://files.test/fastify.tgz' },
        { type: 'git', repo: 'https://files.test/fastify.git', commit: '0'.repeat(40) },
        { type: 'directory', directory: '../fastify' },
        { integrity: 'sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=' },
        {},
      ]) {
        const changed = { ...lock, packages: { ...lock.packages, [one]: { resolution } } }
        expect(foreignIn(changed as Lock)).toEqual([one])
        expect(() => billOf(changed as Lock, shipped)).toThrow(`${one} has no digest of a registry`)
      }
    })
    await it.attack('a registry that knows of a high advisory of something that is shipped', async () => {
      const known = { id: 1, url: 'https://files.test/1', title: 'planted', severity: 'high', vulnerable_versions: '*', cwe: [] }
      const registry = await registryThatKnows({ fastify: [known], vitest: [{ ...known, id: 2 }] })
      expect(await audited(registry.url)).toEqual(['fastify high'])
      registry.close()
    })
    await it.control('the lock as it is, and a registry that knows of nothing', async () => {
      expect(foreignIn(lock)).toEqual([])
      expect(existsSync(join(root, '.npmrc'))).toBe(false)
      expect(textOf('pnpm-workspace.yaml')).not.toMatch(/registr/i)
      const registry = await registryThatKnows({})
      expect([await audited(registry.url), registry.asked.length]).toEqual([[], 1])
      registry.close()
      const told = await audited()
      if (typeof told === 'string') sayLeftOut(`audit of dependencies: the registry answers none (${told})`)
      else expect(told).toEqual([])
    })
    await it.row('the bill of the images names each by its digest', () => {
      const { components } = billOf(lock, shipped) as { components: { purl: string; hashes: { content: string }[] }[] }
      expect(components.length).toBeGreaterThan(100)
      expect(components.filter(({ hashes }) => !/^[0-9a-f]{128}$/.test(hashes[0]?.content ?? ''))).toEqual([])
    })
  },
  120_000,
)
