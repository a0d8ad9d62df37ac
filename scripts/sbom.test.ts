import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { parse } from 'yaml'
import { billOf, type Lock } from './sbom.ts'

const lock = parse(readFileSync(join(import.meta.dirname, '../pnpm-lock.yaml'), 'utf8')) as Lock
type Component = {
  readonly name: string
  readonly version: string
  readonly purl: string
  readonly hashes: readonly { readonly content: string }[]
}
const componentsOf = (...roots: string[]) => (billOf(lock, roots) as { components: Component[] }).components
const names = (...roots: string[]): string[] => componentsOf(...roots).map(({ name }) => name)

it('lists what a service uses when it runs, what that uses in turn, and nothing that only its tests use', () => {
  const service = names('apps/platform-service')
  expect(service).toEqual(expect.arrayContaining(['fastify', 'zod', '@node-rs/argon2', 'nodemailer', 'pino']))
  expect(service.filter((name) => /vitest|typescript|oidc-provider|^@types\/|biome|playwright/.test(name))).toEqual([])
})

it('finds that the daemons bring nothing along', () => {
  expect(names('apps/docker-proxy', 'apps/host-agent', 'packages/web-host')).toEqual([])
})

it('names each package once, with the digest of the lock', () => {
  const all = componentsOf('apps/platform-service', 'apps/devops-backend')
  expect(new Set(all.map(({ purl }) => purl)).size).toBe(all.length)
  const fastify = all.find(({ name }) => name === 'fastify')
  const known = lock.packages[`fastify@${fastify?.version}`]?.resolution.integrity
  expect(`sha512-${Buffer.from(fastify?.hashes[0]?.content ?? '', 'hex').toString('base64')}`).toBe(known)
  expect(all.find(({ name }) => name === '@node-rs/argon2')?.purl).toMatch(/^pkg:npm\/%40node-rs\/argon2@2\.[0-9.]+$/)
})

it('refuses what no registry vouches for', () => {
  const bad: Lock = {
    importers: { 'apps/x': { dependencies: { left: { version: '1.0.0' } } } },
    packages: { 'left@1.0.0': { resolution: { tarball: 'https://files.example.net/left.tgz' } } },
    snapshots: { 'left@1.0.0': {} },
  }
  expect(() => billOf(bad, ['apps/x'])).toThrow('left@1.0.0 has no digest of a registry')
})
