import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Action } from '@console/contracts/action'
import { platformActions } from '@console/contracts/platform-actions'
import { authenticatorCode } from '@console/testkit/authenticator'
import { allVerbs } from '@console/verbs/all'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Answer, type Browser, goodPassword, invited, type Platform, setUp, startPlatform } from './platform.fake.ts'

/** Settings that no answer, line or row may hold; each is known only to this file. */
const settings = {
  JWT_SECRET: 'canary-signing-0a8f3b1d5c7e9f2046813579bdf02468',
  ENCRYPTION_KEY: 'canary-sealing-9c1e3a5b7d9f1b3d5f7092846a8c0e2f',
  SETUP_TOKEN: 'canary-setup-5f7092846a8c0e2f9c1e3a5b7d9f1b3d',
}
const destroying = allVerbs.find(({ risk, daemon }) => risk === 'destroy' && daemon === 'host-agent')?.id
/** What everybody may know, so that the look that finds no secret is seen to find something. */
const marker = 'grace@example.com'

/** Where a secret was found, by the name of what should have kept it; never the secret itself, so that a red run tells nobody. */
function leaksIn(text: string, secrets: ReadonlyMap<string, string>): string[] {
  return [...secrets].filter(([, secret]) => text.includes(secret)).map(([name]) => name)
}

describe('what platform-service tells of its secrets', () => {
  let platform: Platform
  let ada: Browser
  /** Name → value of everything that was handed out once, or lies in the store and never leaves it. */
  const secrets = new Map<string, string>()
  const ids = new Map<string, string[]>()
  const keep = (name: string, value: unknown): string => {
    if (typeof value !== 'string' || value.length < 16) throw new Error(`${name} is no secret: ${String(value).length} characters`)
    secrets.set(name, value)
    return value
  }
  const good = (answer: Answer): Answer => {
    if (answer.status >= 300) throw new Error(`${answer.status}: ${answer.text}`)
    return answer
  }
  const keepCookies = (who: string, { jar }: Browser) => {
    for (const [name, { value }] of jar) keep(`${name} of ${who}`, value)
  }

  beforeAll(async () => {
    platform = await startPlatform({}, settings)
    for (const [name, value] of Object.entries(settings)) keep(name, value)
    keep('password', goodPassword)
    ada = await setUp(platform)
    const grace = await invited(platform, ada, marker, [{ productId: 'bytelyst-devops', role: 'viewer' }])
    keepCookies('Grace', grace.browser)
    const seed = keep('TOTP seed', good(await ada.post('/auth/factors/totp')).body.secret)
    const enabled = good(await ada.post('/auth/factors/totp/enable', { code: authenticatorCode(seed, platform.clock.ms) }))
    for (const [at, code] of (enabled.body.recoveryCodes as unknown as string[]).entries()) keep(`recovery code ${at}`, code)
    const again = platform.browser()
    const asked = good(await again.signIn('ada@example.com', goodPassword))
    keep('challenge', asked.body.challenge)
    const invite = good(
      await ada.post('/invites', { email: 'open@example.com', memberships: [{ productId: 'bytelyst-devops', role: 'viewer' }] }),
    )
    keep('invite', String(invite.body.link).split('#')[1])
    const token = good(
      await ada.post('/auth/api-tokens', {
        name: 'reads',
        productId: 'bytelyst-platform',
        actions: ['users.user.list'],
        expiresInDays: 30,
      }),
    )
    keep('API token', token.body.secret)
    const grant = good(await ada.post('/auth/grants', { verb: destroying, digest: 'ab'.repeat(32) }))
    keep('grant', grant.body.grant)
    keepCookies('Ada', ada)
    for (const name of Object.keys(platform.collections) as (keyof Platform['collections'])[])
      for (const { id, doc } of (await platform.collections[name].find('all', { limit: 200 })).items) keepStored(name, id, doc)
  }, 60_000)
  afterAll(() => platform.close())

  /** Ids of secrets are their hashes; what a person's document holds of factors stays there too. */
  const keepStored = (name: string, id: string, doc: object): void => {
    if (/^[0-9a-f]{64}$/.test(id)) keep(`id in ${name}: ${id.slice(0, 6)}`, id)
    for (const [field, value] of Object.entries(doc)) {
      if (field === 'password') keep(`hash of the password of ${id}`, value)
      if (field === 'tie') keep(`tie in ${name}: ${id.slice(0, 6)}`, value)
      if (field === 'totp') keep(`sealed seed of ${id}`, (value as { seed: string }).seed)
      if (field === 'recovery') for (const [at, hash] of (value as string[]).entries()) keep(`hash of recovery code ${at}`, hash)
      if (/^(userId|sid|tokenId|inviteId)$/.test(field) && typeof value === 'string') ids.set(field, [...(ids.get(field) ?? []), value])
    }
    if (name === 'users' || name === 'products') ids.set(name, [...(ids.get(name) ?? []), id])
  }

  /** Each address that the route can have with what is there now, so that the answers are full ones. */
  const addresses = ({ path }: Action): string[] => {
    if (!path.includes(':')) return [path]
    const users = ids.get('users') ?? []
    const all = [...users, ...(ids.get('sid') ?? []), ...(ids.get('tokenId') ?? []), ...(ids.get('inviteId') ?? [])]
    const products = ids.get('products') ?? []
    return [...new Set(all)].flatMap((id) => {
      const withId = path.replaceAll(/:(userId|id|sid)\b/g, id)
      return withId.includes(':') ? products.map((product) => withId.replaceAll(/:[A-Za-z]+/g, product)) : [withId]
    })
  }

  const misplaced = (): object => ({
    email: secrets.get('password'),
    name: { first: secrets.get('API token') },
    token: [secrets.get('invite')],
    code: { of: secrets.get('recovery code 0') },
    productId: secrets.get('API token'),
    role: secrets.get('challenge'),
  })

  for (const action of platformActions as readonly Action[]) {
    it(`${action.id} tells none, whoever asks and whatever is wrong with the question`, async () => {
      const answers: Answer[] = []
      for (const path of addresses(action).slice(0, 40))
        for (const browser of [ada, platform.browser()]) {
          if (action.method === 'GET') answers.push(await browser.get(path))
          // Secrets where something else belongs come back in no complaint about it.
          else answers.push(await browser.call(action.method, path, { body: misplaced() }))
        }
      for (const answer of answers) {
        // What is set anew is for the browser that asks; the values of others are in no header either.
        const told = `${answer.text}\n${JSON.stringify({ ...answer.headers, 'set-cookie': [] })}`
        expect(leaksIn(told, secrets)).toEqual([])
      }
    })
  }

  it('would be seen to tell: what everybody may know is found by the same look', async () => {
    const { text } = await ada.get('/users')
    expect(leaksIn(text, new Map([['marker', marker]]))).toEqual(['marker'])
    expect(secrets.size).toBeGreaterThan(30)
  })

  it('writes none into its log lines, its rows or the files beside the store', async () => {
    await platform.app.sweeper.sweep()
    expect(leaksIn(platform.lines.join('\n'), secrets)).toEqual([])
    const dir = join(platform.folder, 'platform/audit')
    const rows = readdirSync(dir)
      .map((file) => readFileSync(join(dir, file), 'utf8'))
      .join('\n')
    expect(rows).toContain('apiTokens.')
    expect(leaksIn(rows, secrets)).toEqual([])
  })

  it('keeps none in clear where it keeps them', () => {
    const handedOut = new Map([...secrets].filter(([name]) => !/hash|sealed|^id in|^tie in/.test(name)))
    const stored = ['store.db', 'store.db-wal'].map((file) => readFileSync(join(platform.folder, 'platform', file), 'latin1')).join('')
    expect(stored).toContain(marker)
    expect(leaksIn(stored, handedOut)).toEqual([])
  })
})
