import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { readConfig } from './config.ts'
import { upstreamOf } from './upstream-settings.ts'

const folder = mkdtempSync(join(tmpdir(), 'upstream-settings-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const read = (given: Parameters<typeof upstreamOf>[0]) => {
  const problems: string[] = []
  const settings = upstreamOf(given, { adminWebUrl: 'https://admin.example.com', problems })
  return { settings, problems: problems.map((problem) => problem.split(':')[0]) }
}
const good = { OIDC_ISSUER: 'https://login.example.com/tenant', OIDC_CLIENT_ID: 'console', OIDC_CLIENT_SECRET: 'secret' }

describe('the settings of a sign-in provider', () => {
  it('are off where none is set', () => {
    expect(read({})).toEqual({ settings: null, problems: [] })
  })

  it('send the browser back to Platform Admin, and name the provider by its host', () => {
    expect(read(good)).toEqual({
      settings: {
        issuer: 'https://login.example.com/tenant',
        clientId: 'console',
        clientSecret: 'secret',
        name: 'login.example.com',
        redirectUri: 'https://admin.example.com/upstream',
      },
      problems: [],
    })
    expect(read({ ...good, OIDC_NAME: 'Example' }).settings?.name).toBe('Example')
  })

  it('are wrong in part, and then say what is missing', () => {
    expect(read({ OIDC_NAME: 'Example' }).problems).toEqual([
      'OIDC_ISSUER',
      'OIDC_CLIENT_ID',
      'OIDC_CLIENT_SECRET or OIDC_CLIENT_SECRET_FILE',
    ])
    expect(read({ ...good, OIDC_CLIENT_ID: undefined })).toEqual({ settings: null, problems: ['OIDC_CLIENT_ID'] })
  })

  it('take an issuer by https alone, unless it is on this machine', () => {
    for (const issuer of ['http://login.example.com', 'https://login.example.com/?a=b', 'https://a@login.example.com/', 'ftp://localhost'])
      expect([issuer, read({ ...good, OIDC_ISSUER: issuer }).problems]).toEqual([issuer, ['OIDC_ISSUER']])
    for (const issuer of ['http://localhost:8080/realms/main', 'http://127.0.0.1:8080', 'https://accounts.google.com'])
      expect([issuer, read({ ...good, OIDC_ISSUER: issuer }).problems]).toEqual([issuer, []])
  })

  it('are none where there is a secret alone, as a vault may hold one that is for others', () => {
    expect(read({ OIDC_CLIENT_SECRET: 'secret' })).toEqual({ settings: null, problems: [] })
  })

  it('read the secret from a file, without the line’s end, and say when it is empty, away, or set twice', () => {
    const file = join(folder, 'secret')
    const from = (more: object = {}): string => {
      const env = { DATA_DIR: folder, ...good, OIDC_CLIENT_SECRET: '', OIDC_CLIENT_SECRET_FILE: file, ...more }
      try {
        return readConfig(env).upstream?.clientSecret ?? 'none'
      } catch (error) {
        return (error as Error).message
      }
    }
    expect(from()).toContain(`OIDC_CLIENT_SECRET_FILE: ${file} cannot be read (ENOENT).`)
    writeFileSync(file, '\n')
    expect(from()).toBe(
      'OIDC_CLIENT_SECRET or OIDC_CLIENT_SECRET_FILE: is missing, and a sign-in provider needs it. Set it, or none that begin with OIDC_.',
    )
    expect(from({ OIDC_ISSUER: '', OIDC_CLIENT_ID: '' })).toBe('none')
    writeFileSync(file, 'from the file\n')
    expect(from()).toBe('from the file')
    expect(from({ OIDC_CLIENT_SECRET: 'secret' })).toContain('OIDC_CLIENT_SECRET and OIDC_CLIENT_SECRET_FILE are both set. Remove one.')
  })
})
