/**
 * Does Platform Admin stay quick with many people, what does "who is this?" cost, and does a sign-in tell who is known?
 * `node bench/identity.ts`. Baselines of the same run: the same service with nobody but its first admin; the password hash by itself.
 */

import { join } from 'node:path'
import { loadOrCreateServiceKey } from '@console/tokens/key-files'
import { signServiceToken } from '@console/tokens/service-token'
import { createPlatformClient } from '../apps/devops-backend/src/clients/platform.ts'
import { createPasswords, fullCost } from '../apps/platform-service/src/identity/passwords.ts'
import { type Browser, goodPassword, type Platform, setUp, startPlatform } from '../apps/platform-service/src/platform.fake.ts'
import { fillIdentity } from './fill-identity.ts'
import { many, timed, timesOf } from './measure.ts'
import { type Line, printTable } from './table.ts'
import { createUndo } from './undo.ts'

const size = { people: 10_000, products: 50, membershipsEach: 3, sessions: 20_000 } as const
const each = 60
const pairs = 80
const lists: readonly (readonly [string, string])[] = [
  ['people, first page', '/users'],
  ['people by a word', '/users?q=muller'],
  ['people by product, role and plan', '/users?productId=bench-product-7&role=admin&plan=pro'],
  ['people without a second factor, seen long ago, by last seen', '/users?factor=none&seen=over90d&sort=lastSeenAt&direction=desc'],
  ['one person', '/users/bench-person-77'],
  ['memberships', '/memberships'],
  ['memberships of a product', '/memberships?productId=bench-product-7'],
  ['products', '/products'],
  ['one product', '/products/bench-product-7'],
  ['sessions', '/sessions'],
  ['invites', '/invites'],
  ['API tokens', '/api-tokens?userId=bench-person-77'],
  ['blocked sign-ins', '/throttles'],
  ['audit rows', '/audit'],
]

const undo = createUndo()
let platform: Platform = await startPlatform({ cost: fullCost, throttleRules: manyAttempts() })
undo.add(() => platform.close())
try {
  const admin = await setUp(platform)
  await letPasswordsAlone(admin)
  const empty = await timeLists(admin)
  await fillIdentity(platform.collections, size, platform.clock.ms)
  const restart = await timed(async () => {
    platform = await platform.restart()
  })
  const again = platform.browser()
  await again.signIn('ada@example.com', goodPassword)
  const full = await timeLists(again)
  const missed =
    printTable(
      `Lists of ${size.people} people, ${size.products} products, ${size.people * size.membershipsEach} memberships, ${size.sessions} sessions; p95 of ${each}`,
      'first admin alone',
      [
        ...lists.map(([what, path]): Line => {
          const before = empty.get(path)
          return {
            what,
            ours: full.get(path) ?? Number.NaN,
            ...(before !== undefined && { baseline: before }),
            unit: 'ms',
            aim: { of: 'value', most: 50 },
          }
        }),
        { what: 'all people as CSV, whole', ours: await timeOf(again, '/users/export'), unit: 'ms' },
        { what: 'started with that store', ours: restart, unit: 'ms' },
      ],
    ) +
    printTable('Who is this?', 'asked each time', [await introspections(again)]) +
    printTable('Signing in', 'the hash alone', await signIns())
  process.exitCode = missed > 0 ? 1 : 0
} finally {
  await undo.all()
}

/** Whoever signs in again is in, so that what is measured after the restart is the same as before. */
async function letPasswordsAlone(admin: Browser): Promise<void> {
  const { settings, etag } = (await admin.get('/settings')).body as unknown as { settings: object; etag: string }
  const body = { ...settings, secondFactor: 'choice' }
  const answer = await admin.call('PUT', '/settings', { body, headers: { 'if-match': `"${etag}"` } })
  if (answer.status !== 200) throw new Error(`settings answered ${answer.status}: ${answer.text}`)
}

async function timeLists(browser: Browser): Promise<Map<string, number>> {
  const times = new Map<string, number>()
  for (const [, path] of lists) {
    const first = await browser.get(path)
    // In an empty store some of what is asked for is not there.
    if (first.status === 200) times.set(path, await timeOf(browser, path))
    else if (first.status !== 404) throw new Error(`${path} answered ${first.status}: ${first.text}`)
  }
  return times
}

async function timeOf(browser: Browser, path: string): Promise<number> {
  return timesOf(await many(1, path.includes('export') ? 5 : each, () => browser.get(path))).p95
}

/** Sixteen askers for some seconds, through the cache of devops-backend and past it. */
async function introspections(browser: Browser): Promise<Line> {
  const name = 'devops-backend'
  const key = loadOrCreateServiceKey({ dir: join(platform.folder, name), keysDir: platform.config.keysDir, name })
  const client = createPlatformClient({
    baseUrl: `http://localhost:${platform.port}`,
    serviceToken: (audience) => signServiceToken(key, { name, audience, nowMs: platform.clock.ms }),
    clock: { monotonic: () => performance.now(), wall: Date.now },
  })
  undo.add(() => client.close())
  const question = { token: browser.cookie('__Secure-bl_ref'), tie: browser.cookie('__Host-bl_tie'), activity: false }
  if (!(await client.whoIs({ ...question, changing: false }))) throw new Error('the reference stands for nobody')
  const rate = async (each: number, act: () => Promise<unknown>): Promise<number> => {
    const ms = await timed(() => many(16, each, act))
    return (16 * each * 1_000) / ms
  }
  const asked = await rate(100, () => client.post('/internal/introspect', question))
  const kept = await rate(2_000, () => client.whoIs({ ...question, changing: false }))
  return { what: 'introspections a second, with the cache', ours: kept, baseline: asked, unit: '/s', aim: { of: 'ratio', least: 10 } }
}

/** In turns, so that what else the machine does falls on all alike; medians are compared. */
async function signIns(): Promise<Line[]> {
  const passwords = createPasswords()
  const stored = await passwords.hash(goodPassword)
  const right: number[] = []
  const hash: number[] = []
  const known: number[] = []
  const unknown: number[] = []
  const wrong = 'this is not it at all'
  for (let pair = 0; pair < pairs; pair += 1) {
    const tries: (readonly [number[], () => Promise<unknown>])[] = [
      [known, () => platform.browser().signIn('ada@example.com', wrong)],
      [unknown, () => platform.browser().signIn(`nobody-${pair}@bench.example`, wrong)],
    ]
    for (const [times, act] of pair % 2 === 0 ? tries : tries.reverse()) times.push(await timed(act))
    if (pair % 4 > 0) continue
    hash.push(await timed(() => passwords.verify(stored, goodPassword)))
    right.push(await timed(() => platform.browser().signIn('ada@example.com', goodPassword)))
  }
  const apart = Math.abs(timesOf(known).p50 / timesOf(unknown).p50 - 1) * 100
  return [
    { what: 'sign-in, p50', ours: timesOf(right).p50, baseline: timesOf(hash).p50, unit: 'ms', aim: { of: 'ratio', most: 1.25 } },
    { what: 'wrong password of a known e-mail, p50', ours: timesOf(known).p50, baseline: timesOf(hash).p50, unit: 'ms' },
    { what: 'unknown e-mail, p50', ours: timesOf(unknown).p50, baseline: timesOf(hash).p50, unit: 'ms' },
    { what: `known and unknown apart, ${pairs} pairs in turns`, ours: apart, unit: '%', aim: { of: 'value', most: 10 } },
  ]
}

/** What is measured here are hashes, not the throttle. */
function manyAttempts() {
  return { account: { max: 100_000, windowMs: 900_000 }, address: { max: 100_000, windowMs: 60_000 } }
}
