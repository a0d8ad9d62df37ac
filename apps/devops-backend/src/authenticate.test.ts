import { expect, it } from 'vitest'
import { authenticate } from './authenticate.ts'
import type { PlatformClient } from './clients/platform.ts'

type Person = NonNullable<Awaited<ReturnType<PlatformClient['whoIs']>>>
const [reference, tie] = ['r'.repeat(43), 't'.repeat(43)]
const cookie = `__Secure-bl_ref=${reference}; __Host-bl_tie=${tie}`
const ada = { active: true, kind: 'session', user: { id: 'ada', name: 'Ada' }, sid: 's', role: 'viewer', plan: 'pro', accessToken: 'token' }
const program = { ...ada, kind: 'api', tokenName: 'nightly', actions: ['services.service.list'] }

/** What platform-service was asked, and what became of the request. */
async function come(
  headers: Record<string, string>,
  who: object | null = ada,
  action: Parameters<typeof authenticate>[1] = { risk: 'read' },
) {
  const asked: object[] = []
  const whoIs: PlatformClient['whoIs'] = async (question) => {
    asked.push(question)
    return who as Person | null
  }
  const request = { headers, ip: '192.0.2.1' } as unknown as Parameters<typeof authenticate>[0]
  const actor = await authenticate(request, action, { platform: { whoIs } as PlatformClient, cookieSecure: true }).catch(
    ({ code }: { code: string }) => code,
  )
  return { actor, asked }
}

it('knows a person by reference and tie together, and acts as them by cookie', async () => {
  const { actor, asked } = await come({ cookie })
  expect(asked).toEqual([{ token: reference, tie, activity: false, changing: false, address: '192.0.2.1' }])
  expect(actor).toEqual({ kind: 'person', id: 'ada', name: 'Ada', role: 'viewer', sid: 's', byCookie: true, accessToken: 'token' })
})

it('knows when a person last showed a factor, by what platform-service signed, and that a program has none', async () => {
  const accessToken = `x.${Buffer.from(JSON.stringify({ auth_time: 1_800_000_000 })).toString('base64url')}.x`
  expect((await come({ cookie }, { ...ada, accessToken })).actor).toMatchObject({ factorAtMs: 1_800_000_000_000 })
  expect((await come({ authorization: 'Bearer blt_abc' }, { ...program, accessToken })).actor).not.toHaveProperty('factorAtMs')
})

it('knows a program by its token, with the actions that it lists and no more', async () => {
  const { actor, asked } = await come({ authorization: 'Bearer blt_abc' }, program)
  expect(asked).toEqual([expect.objectContaining({ token: 'blt_abc', tie: null })])
  expect(actor).toMatchObject({ kind: 'token', name: 'Ada, token nightly', byCookie: false, actions: ['services.service.list'] })
})

it.each([
  ['nothing', {}, 'AUTH_REQUIRED'],
  ['a reference without its tie', { cookie: `__Secure-bl_ref=${reference}` }, 'AUTH_REQUIRED'],
  ['a tie alone', { cookie: `__Host-bl_tie=${tie}` }, 'AUTH_REQUIRED'],
  ['names of cookies that anybody could plant', { cookie: `bl_ref=${reference}; bl_tie=${tie}` }, 'AUTH_REQUIRED'],
  ['a bearer that is no API token', { authorization: `Bearer ${reference}` }, 'AUTH_REQUIRED'],
  ['a cookie and a token', { cookie, authorization: 'Bearer blt_abc' }, 'REQUEST_INVALID'],
  ['two references', { cookie: `${cookie}; __Secure-bl_ref=${reference}` }, 'REQUEST_INVALID'],
  ['a reference that was never given out', { cookie: `__Secure-bl_ref=a.b; __Host-bl_tie=${tie}` }, 'AUTH_REQUIRED'],
  ['a tie that was never given out', { cookie: `__Secure-bl_ref=${reference}; __Host-bl_tie=${'t'.repeat(201)}` }, 'AUTH_REQUIRED'],
])('asks nobody about %s', async (_what, headers, code) => {
  expect(await come(headers as Record<string, string>)).toEqual({ actor: code, asked: [] })
})

it('lets nobody in whom platform-service does not know', async () => {
  expect((await come({ cookie }, null)).actor).toBe('AUTH_REQUIRED')
})

it('says what is used: a person who does something, but not a page that only polls', async () => {
  const headers = { cookie, 'x-activity': '1' }
  expect((await come(headers)).asked).toMatchObject([{ activity: true }])
  expect((await come(headers, ada, { risk: 'read', polls: true })).asked).toMatchObject([{ activity: false }])
  expect((await come({ cookie, 'x-activity': 'yes' })).asked).toMatchObject([{ activity: false }])
})

it('says what changes something, for which no old answer is good', async () => {
  for (const risk of ['change', 'destroy'] as const)
    expect((await come({ cookie }, ada, { risk })).asked).toMatchObject([{ changing: true }])
  expect((await come({ cookie }, ada, { risk: 'none' })).asked).toMatchObject([{ changing: false }])
})
