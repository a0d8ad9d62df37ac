import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { readConfig } from './config.ts'

const folder = mkdtempSync(join(tmpdir(), 'platform-config-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const strong = 'uR3kq9vX2mLw8ZtY5bNc7JdP1sGhQ4fA'
const production = { NODE_ENV: 'production', DATA_DIR: folder, JWT_SECRET: strong, ENCRYPTION_KEY: strong }
const problemsOf = (env: Record<string, string>): string[] => {
  try {
    readConfig(env)
    return []
  } catch (error) {
    return (error as Error).message.split('\n')
  }
}

describe('the settings of platform-service', () => {
  it('are told wrong all at once, each by its name', () => {
    const problems = problemsOf({
      NODE_ENV: 'production',
      DATA_DIR: folder,
      PORT: '70000',
      JWT_SECRET_PREVIOUS: 'short',
      SETUP_TOKEN: 'change-me-change-me-change-me-change-me',
      ALLOWED_ORIGINS: 'https://evil.test,http://devops.bytelyst.com,https://devops.bytelyst.com/',
      TRUSTED_PROXY: 'loopback,1,10.0.0.0/8,10.0.0.0/33',
      COOKIE_SECURE: 'false',
    })
    expect(problems).toHaveLength(12)
    for (const name of [
      'PORT',
      'JWT_SECRET_PREVIOUS is shorter',
      'SETUP_TOKEN looks like a sample',
      'JWT_SECRET is missing',
      'ENCRYPTION_KEY is missing',
      'COOKIE_SECURE',
    ])
      expect(problems.filter((problem) => problem.startsWith(name))).toHaveLength(1)
    expect(problems.filter((problem) => problem.startsWith('ALLOWED_ORIGINS'))).toHaveLength(3)
    expect(problems.filter((problem) => problem.startsWith('TRUSTED_PROXY'))).toHaveLength(3)
  })

  it('refuse a short or sample signing secret anywhere', () => {
    expect(problemsOf({ DATA_DIR: folder, JWT_SECRET: 'x'.repeat(64) })[0]).toContain('JWT_SECRET looks like a sample')
    expect(problemsOf({ ...production, JWT_SECRET: strong.slice(1) })[0]).toContain('JWT_SECRET is shorter than 32 bytes')
    expect(problemsOf(production)).toEqual([])
  })

  it.each<[string, Record<string, string>, string]>([
    ['a missing secret', { JWT_SECRET: '' }, 'JWT_SECRET is missing'],
    ['a short secret', { JWT_SECRET: 'k9vX2mLw8ZtY5b' }, 'JWT_SECRET is shorter'],
    ['a sample secret', { JWT_SECRET: 'change-me-change-me-change-me-change-me' }, 'JWT_SECRET looks like a sample'],
    ['a weak secret before', { JWT_SECRET_PREVIOUS: 'x'.repeat(40) }, 'JWT_SECRET_PREVIOUS looks like a sample'],
    ['a missing key', { ENCRYPTION_KEY: '' }, 'ENCRYPTION_KEY is missing'],
    ['a short key', { ENCRYPTION_KEY: 'k9vX2mLw8ZtY5b' }, 'ENCRYPTION_KEY is shorter'],
    ['a sample key before', { ENCRYPTION_KEY_PREVIOUS: 'x'.repeat(40) }, 'ENCRYPTION_KEY_PREVIOUS looks like a sample'],
    ['a weak setup token', { SETUP_TOKEN: 'letmein' }, 'SETUP_TOKEN is shorter'],
    ['an origin without TLS', { ALLOWED_ORIGINS: 'http://devops.bytelyst.com' }, 'must be https in production'],
    ['an origin of another site', { ALLOWED_ORIGINS: 'https://evil.test' }, 'is not same-site'],
    ['a star for an origin', { ALLOWED_ORIGINS: '*' }, 'is no origin'],
    ['an invite link without TLS', { NEXT_PUBLIC_ADMIN_WEB_URL: 'http://admin.bytelyst.com' }, 'NEXT_PUBLIC_ADMIN_WEB_URL'],
    ['cookies without Secure', { COOKIE_SECURE: 'false' }, 'COOKIE_SECURE=false'],
    ['any proxy', { TRUSTED_PROXY: '0.0.0.0/0' }, 'TRUSTED_PROXY'],
    ['a store that is none', { STORE: 'memory' }, 'STORE'],
  ])('refuse %s in production, by name and alone', (_what, wrong, told) => {
    expect(problemsOf(production)).toEqual([])
    const problems = problemsOf({ ...production, ...wrong })
    expect(problems).toEqual([expect.stringContaining(told)])
  })

  it('make the secrets once outside production, for their owner alone', () => {
    const first = readConfig({ DATA_DIR: folder })
    const file = join(folder, 'platform/secrets.json')
    expect(statSync(file).mode & 0o777).toBe(0o600)
    const again = readConfig({ DATA_DIR: folder })
    expect([again.jwtSecrets, again.encryptionKeys]).toEqual([first.jwtSecrets, first.encryptionKeys])
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ JWT_SECRET: first.jwtSecrets[0], ENCRYPTION_KEY: first.encryptionKeys[0] })
    chmodSync(file, 0o644)
    expect(problemsOf({ DATA_DIR: folder })[0]).toContain('can be read or written by others')
    chmodSync(file, 0o600)
  })

  it('derive every public address from the domain', () => {
    const config = readConfig({ ...production, DOMAIN: 'ops.example' })
    expect(config.issuer).toBe('https://api.ops.example/platform/api')
    expect(config.allowedOrigins).toEqual(['https://devops.ops.example', 'https://admin.ops.example'])
    expect(config.adminWebUrl).toBe('https://admin.ops.example')
    expect(config.hosts).toContain('api.ops.example')
    expect(readConfig({ DATA_DIR: folder, DOMAIN: 'ops.example' }).issuer).toBe('https://api.ops.example/platform/api')
    expect(readConfig({ DATA_DIR: folder }).adminWebUrl).toBe('http://localhost:3001')
  })

  it('take a variable that is set to nothing as not set', () => {
    expect(readConfig({ ...production, ALLOWED_ORIGINS: '', PORT: '', SETUP_TOKEN: '' }).port).toBe(4003)
  })

  it('drop the Secure flag only where every origin is localhost', () => {
    expect(readConfig({ DATA_DIR: folder, COOKIE_SECURE: 'false' }).cookieSecure).toBe(false)
    const mixed = { DATA_DIR: folder, COOKIE_SECURE: 'false', ALLOWED_ORIGINS: 'http://localhost:3000,https://devops.bytelyst.com' }
    expect(problemsOf(mixed)[0]).toContain('COOKIE_SECURE=false')
  })
})
