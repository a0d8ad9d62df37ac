import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { request } from 'node:https'
import process from 'node:process'
import { describeNeeding } from '@console/testkit/needs'
import { expect, it } from 'vitest'

const { DEPLOYED_PREFIX: prefix = '', DEPLOYED_DOMAIN: domain = '', DEPLOYED_PORT: port = '443', DEPLOYED_CA: ca = '' } = process.env
const parts = ['platform-service', 'devops-backend', 'docker-proxy', 'devops-web', 'admin-web', 'gateway'] as const

/** A console that deploy/deploy.sh brought up on this machine's engine, behind its gateway. */
describeNeeding('deployed', 'a console that was deployed', () => {
  it.each(parts)('has %s as an ordinary account without rights, on a root folder that cannot be written', (part) => {
    const proc = `/proc/${docker('inspect', '--format', '{{.State.Pid}}', `${prefix}${part}`)}`
    const status = readFileSync(`${proc}/status`, 'utf8')
    const field = (name: string): string => new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(status)?.[1]?.replaceAll(/\s+/g, ' ') ?? ''
    expect(field('Uid')).toBe('1001 1001 1001 1001')
    for (const name of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb']) expect([name, BigInt(`0x${field(name)}`)]).toEqual([name, 0n])
    expect([field('NoNewPrivs'), field('Seccomp')]).toEqual(['1', '2'])
    const mounts = readFileSync(`${proc}/mountinfo`, 'utf8')
      .split('\n')
      .map((line) => line.split(' '))
    expect(mounts.findLast(([, , , , point]) => point === '/')?.[5]?.split(',')).toContain('ro')
    const engine = mounts.filter(
      ([, , , from = '', point = '']) => /docker\.sock$|containerd/.test(from) || point === '/var/run/docker.sock',
    )
    expect(engine.length > 0).toBe(part === 'docker-proxy')
  })

  it('lets docker-proxy have no network but loopback', () => {
    const pid = docker('inspect', '--format', '{{.State.Pid}}', `${prefix}docker-proxy`)
    const names = readFileSync(`/proc/${pid}/net/dev`, 'utf8').matchAll(/^\s*(\w+):/gm)
    expect([...names].map(([, name]) => name)).toEqual(['lo'])
  })

  it('publishes no port but the gateway’s, and shows no secret to who inspects', () => {
    for (const part of parts) {
      const bound = JSON.parse(docker('inspect', '--format', '{{json .HostConfig.PortBindings}}', `${prefix}${part}`)) as object | null
      expect([part, Object.keys(bound ?? {}).length > 0]).toEqual([part, part === 'gateway'])
      const env = JSON.parse(docker('inspect', '--format', '{{json .Config.Env}}', `${prefix}${part}`)) as string[]
      const secret = env.filter((line) => /^([A-Z_]*(SECRET|KEY|TOKEN)|SMTP_URL)(_FILE|_PREVIOUS)*=/.test(line))
      expect(secret.filter((line) => !/_FILE=\/run\/secrets\//.test(line))).toEqual([])
    }
  })

  it.each([
    ['devops', '/', 200, /<!DOCTYPE html>/i],
    ['admin', '/settings.json', 200, /"platformUrl":/],
    ['api', '/platform/api/auth/session', 401, /"code"/],
    ['api', '/api/devops/parts', 401, /"code"/],
    ['api', '/platform/api/internal/journal', 404, /^404 page not found/],
    ['api', '/platform/api/%69nternal/journal', 404, /^404 page not found/],
    ['api', '/platform/api/auth/../internal/journal', 404, /^404 page not found/],
    ['api', '/api/devops/hermes/ops', 404, /^404 page not found/],
    ['other', '/', 404, /^404 page not found/],
  ] as const)('answers %s%s over https with %i', async (host, path, status, body) => {
    const answer = await get(`${host}.${domain}`, path)
    expect([answer.status, answer.body]).toEqual([status, expect.stringMatching(body)])
  })
})

function docker(...args: string[]): string {
  const { status, stdout, stderr } = spawnSync('docker', args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  return stdout.trim()
}

/** The path goes out as it is written: no client tidies it. */
function get(host: string, path: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    // A name that is no part's has no certificate either; what matters there is the answer.
    const trust = host.startsWith('other.') ? { rejectUnauthorized: false } : { ca: readFileSync(ca) }
    const call = request({ host: '127.0.0.1', port, servername: host, path, headers: { host }, agent: false, ...trust }, (reply) => {
      const chunks: Buffer[] = []
      reply.on('data', (chunk: Buffer) => chunks.push(chunk))
      reply.on('end', () => resolve({ status: reply.statusCode ?? 0, body: Buffer.concat(chunks).toString() }))
    })
    call.on('error', reject)
    call.end()
  })
}
