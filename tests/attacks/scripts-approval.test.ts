import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, cpSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { attackCase } from '@console/testkit/attack'
import { signAccessToken } from '@console/tokens/access-token'
import { afterAll, beforeAll, beforeEach, expect } from 'vitest'
import { type Answer, type Attacker, openAttacker, runIdOf } from './scripts-attacker.ts'

let it: Attacker
let rowFolder: string
const inRoot = (name: string): string => join(it.place.scripts, name)
const failed = (code: string) => [
  expect.objectContaining({ action: 'runs.start', outcome: 'started' }),
  expect.objectContaining({ action: 'runs.start', outcome: 'failed', code }),
]
const ends = async (answer: Answer) => it.desk.ended(runIdOf(answer))
const planOf = async (scriptId: string) =>
  (await it.kit.ask('scripts.plan', { scriptId })).body as unknown as { digest: string; plan: { sha256: string } }
/** A row that nobody approved. */
const plant = (scriptId: string, over: Record<string, unknown>, mode = 0o600): void => {
  const text = readFileSync(inRoot('planted.sh'))
  const sha256 = createHash('sha256').update(text).digest('hex')
  const rest = {
    user: userInfo().username,
    workingDirectory: it.place.scripts,
    timeoutSec: 5,
    variables: [],
    approvedBy: 'nobody',
    approvedAt: '2026-01-01T00:00:00.000Z',
  }
  writeFileSync(
    join(rowFolder, `${scriptId}.json`),
    JSON.stringify({ v: 1, scriptId, path: inRoot('planted.sh'), sha256, ...rest, ...over }),
    { mode },
  )
  chmodSync(join(rowFolder, `${scriptId}.json`), mode)
  writeFileSync(join(rowFolder, `${sha256}.sh`), text)
}

beforeAll(async () => {
  it = await openAttacker()
  rowFolder = join(it.kit.dataDir, 'host-agent/scripts.d')
  it.desk.put('planted', 'echo planted')
}, 60_000)
beforeEach(() => it.kit.nextPerson())
afterAll(() => it?.place.remove(), 60_000)

attackCase('H2', 'the file, or a folder above it, is a symbolic link', async (step) => {
  mkdirSync(inRoot('sub'), { mode: 0o755 })
  it.desk.put('sub/x', 'echo ok')
  await it.desk.approve('sub-x')
  const path = await it.approved('h2', 'echo ok')
  // The very bytes that were approved, so that nothing but the link can be the reason.
  for (const name of ['h2.sh', 'sub']) cpSync(inRoot(name), join(it.kit.dataDir, name), { recursive: true })
  const answers: Answer[] = []
  await step.attack('both are refused, and the link is named', async () => {
    for (const name of ['h2.sh', 'sub']) {
      renameSync(inRoot(name), inRoot(`${name}.away`))
      symlinkSync(join(it.kit.dataDir, name), inRoot(name))
    }
    answers.push(await it.start('h2'), await it.start('sub-x'))
    for (const answer of answers)
      expect(answer).toMatchObject({ status: 403, body: { code: 'SCRIPT_REFUSED', detail: expect.stringContaining('symbolic link') } })
    expect(answers[0]?.body.detail).toContain(path)
  })
  await step.row('both attempts', async () => {
    for (const { requestId } of answers) expect(await it.rows(requestId)).toEqual(failed('SCRIPT_REFUSED'))
  })
  await step.control('file and folder themselves', async () => {
    for (const name of ['h2.sh', 'sub']) {
      rmSync(inRoot(name))
      renameSync(inRoot(`${name}.away`), inRoot(name))
    }
    for (const scriptId of ['h2', 'sub-x']) expect(await ends(await it.start(scriptId))).toMatchObject({ exitCode: 0 })
  })
})

attackCase('H3', 'others may write the file or a folder above it', async (step) => {
  const path = await it.approved('h3', 'echo ok')
  const answers: Answer[] = []
  await step.attack('each is refused by its name', async () => {
    for (const [place, mode] of [
      [path, 0o775],
      [path, 0o757],
      [it.place.scripts, 0o775],
      [it.place.scripts, 0o777],
    ] as const) {
      chmodSync(place, mode)
      const answer = await it.start('h3')
      chmodSync(place, 0o755)
      expect(answer).toMatchObject({
        status: 403,
        body: { code: 'SCRIPT_REFUSED', detail: expect.stringContaining(`${place} can be written`) },
      })
      answers.push(answer)
    }
  })
  await step.row('each attempt', async () => {
    for (const { requestId } of answers) expect(await it.rows(requestId)).toEqual(failed('SCRIPT_REFUSED'))
  })
  await step.control('with the modes as they were', async () => expect(await ends(await it.start('h3'))).toMatchObject({ exitCode: 0 }))
})

attackCase('H7', 'an approval for something else than was shown', async (step) => {
  const path = it.desk.put('h7', 'echo one')
  const other = await planOf('planted')
  const shown = await planOf('h7')
  const grant = (digest: string) => ({ 'x-grant': it.kit.grant('scripts.approve', digest) })
  const status = async () => {
    const { items } = (await it.kit.ask('scripts.list', {}, 'viewer')).body as unknown as { items: { scriptId: string; status: string }[] }
    return items.find(({ scriptId }) => scriptId === 'h7')?.status
  }
  const tries: Record<string, Answer> = {}
  await step.attack('nothing of it is approved', async () => {
    const unknown = 'a'.repeat(64)
    const { digest } = shown
    tries.PLAN_NOT_FOUND = await it.call('scripts.approve', { digest: unknown }, { headers: grant(unknown) })
    tries.AUTH_GRANT_REQUIRED = await it.call('scripts.approve', { digest })
    tries.AUTH_GRANT_MISMATCH = await it.call('scripts.approve', { digest }, { headers: grant(other.digest) })
    // The right digest and a grant for it, but a token that stands for no person who sits there.
    const api = {
      iss: 'https://api.test/platform/api',
      sub: 'user-api',
      sid: 'session-api',
      aud: it.kit.productId,
      auth_time: 1,
      plan: 'pro',
    }
    const bearer = signAccessToken(it.kit.tokenKey, { ...api, role: 'admin', amr: ['api'] }, { nowMs: Date.now() })
    const own = it.kit.grant('scripts.approve', digest, { sub: api.sub, sid: api.sid })
    const headers = { authorization: `Bearer ${bearer}`, 'x-grant': own }
    const byToken = await it.call('scripts.approve', { digest }, { headers })
    expect(byToken).toMatchObject({ status: 403, body: { code: 'AUTH_FORBIDDEN', detail: expect.stringContaining('not a token') } })
    expect((await it.rows(byToken.requestId)).at(-1)).toMatchObject({ outcome: 'denied', code: 'AUTH_FORBIDDEN', actor: { id: api.sub } })
    tries.AUTH_FORBIDDEN = await it.call('scripts.approve', { digest }, { as: 'operator', headers: grant(digest) })
    writeFileSync(path, '#!/bin/bash\necho two\n')
    tries.SCRIPT_CHANGED = await it.call('scripts.approve', { digest }, { headers: grant(digest) })
    for (const [code, answer] of Object.entries(tries))
      expect(answer).toMatchObject({ status: code.startsWith('AUTH') ? 403 : 409, body: { code } })
    expect(await status()).toBe('new')
  })
  await step.row('each try with its code', async () => {
    for (const [code, { requestId }] of Object.entries(tries))
      expect((await it.rows(requestId)).at(-1)).toMatchObject({
        action: 'scripts.approve',
        outcome: code.startsWith('AUTH') ? 'denied' : 'failed',
        code,
      })
  })
  await step.control('what was shown, once, however often it is asked for', async () => {
    it.kit.nextPerson()
    const { digest } = await planOf('h7')
    const headers = grant(digest)
    const answers = await Promise.all(Array.from({ length: 8 }, () => it.call('scripts.approve', { digest }, { headers })))
    expect(answers.map((one) => one.status).sort()).toEqual([200, 409, 409, 409, 409, 409, 409, 409])
    expect(await status()).toBe('approved')
  })
})

attackCase('H8', 'an id that is none, a path, or a word that objects know', async (step) => {
  const path = await it.approved('h8', 'echo ok')
  const answers: Answer[] = []
  await step.attack('each is unknown, or no id at all', async () => {
    for (const id of ['nothing', 'constructor', 'toString', 'hasOwnProperty']) answers.push(await it.start(id))
    expect(answers.map(({ status, body }) => `${status} ${body.code}`)).toEqual(Array(4).fill('404 SCRIPT_NOT_FOUND'))
    for (const id of ['__proto__', '../h8', path, 'h8.sh', 'h8/', './h8', 'h8\n', '', 'h8%00', 'a'.repeat(101)]) {
      const answer = await it.start(id)
      expect([id, answer]).toEqual([id, expect.objectContaining({ status: 400, body: expect.objectContaining({ code: 'INPUT_INVALID' }) })])
      answers.push(answer)
    }
  })
  await step.row('each', async () => {
    for (const { requestId, body } of answers)
      expect((await it.rows(requestId)).at(-1)).toMatchObject({ action: 'runs.start', code: body.code })
  })
  await step.control('the id itself', async () => expect(await ends(await it.start('h8'))).toMatchObject({ exitCode: 0 }))
})

attackCase('H10', 'rows that others may write, broken rows, rows changed by hand', async (step) => {
  await it.approved('h10', 'echo ok')
  const row = join(rowFolder, 'h10.json')
  let answers: Answer[] = []
  await step.attack('what is not safe or whole does not load, and nothing else is kept from loading', async () => {
    plant('planted', {}, 0o602)
    answers = [await it.start('planted')]
    writeFileSync(join(rowFolder, 'planted.json'), '{"v":1,', { mode: 0o600 })
    answers.push(await it.start('planted'))
    for (const answer of answers) expect(answer).toMatchObject({ status: 409, body: { code: 'SCRIPT_NOT_APPROVED' } })
    const { warnings } = (await it.kit.ask('scripts.list', {}, 'viewer')).body as unknown as { warnings: string[] }
    expect(warnings.join()).toContain('scripts.d/planted.json is not used')
    expect(await ends(await it.start('h10'))).toMatchObject({ exitCode: 0 })
    chmodSync(rowFolder, 0o777)
    answers.push(await it.start('h10'))
    chmodSync(rowFolder, 0o700)
    expect(answers.at(-1)).toMatchObject({ status: 409, body: { code: 'SCRIPT_NOT_APPROVED' } })
  })
  await step.control('a row that its owner changed by hand counts', async () => {
    plant('planted', {})
    expect(await ends(await it.start('planted'))).toMatchObject({ exitCode: 0 })
    writeFileSync(row, readFileSync(row, 'utf8').replace('"timeoutSec": 600', '"timeoutSec": 77'), { mode: 0o600 })
    expect(await ends(await it.start('h10'))).toMatchObject({ timeoutSec: 77 })
  })
  await step.row('the refusals, and each change by hand', async () => {
    for (const { requestId } of answers) expect(await it.rows(requestId)).toEqual(failed('SCRIPT_NOT_APPROVED'))
    for (const scriptId of ['planted', 'h10'])
      expect(await it.rows(scriptId)).toContainEqual(
        expect.objectContaining({
          action: 'scripts.edit',
          actor: { kind: 'service', id: 'system:host-agent' },
          details: expect.objectContaining({ user: userInfo().username }),
        }),
      )
  })
  rmSync(join(rowFolder, 'planted.json'))
})

attackCase('H12', 'what is no script lies where one was approved', async (step) => {
  const path = await it.approved('h12', 'echo ok')
  const good = readFileSync(path)
  const kinds: [string, () => void][] = [
    ['is no ordinary file', () => execFileSync('mkfifo', [path])],
    ['is no ordinary file', () => mkdirSync(join(path))],
    ['is empty', () => writeFileSync(path, '')],
    ['is over 1 MiB', () => writeFileSync(path, Buffer.alloc(1_048_577, '#'))],
    ['holds NUL bytes', () => writeFileSync(path, Buffer.concat([good, Buffer.alloc(1)]))],
    ['has Windows line ends', () => writeFileSync(path, good.toString().replaceAll('\n', '\r\n'))],
    ['is setuid or setgid', () => writeFileSync(path, good)],
  ]
  const answers: Answer[] = []
  await step.attack('each is refused with its reason, at once', async () => {
    for (const [reason, put] of kinds) {
      rmSync(path, { recursive: true })
      put()
      chmodSync(path, reason.startsWith('is setuid') ? 0o4755 : 0o755)
      const answer = await it.start('h12')
      expect(answer).toMatchObject({ status: 403, body: { code: 'SCRIPT_REFUSED', detail: expect.stringContaining(reason) } })
      answers.push(answer)
    }
  })
  await step.row('each', async () => {
    for (const { requestId } of answers) expect(await it.rows(requestId)).toEqual(failed('SCRIPT_REFUSED'))
  })
  await step.control('the script itself', async () => {
    rmSync(path, { recursive: true })
    writeFileSync(path, good, { mode: 0o755 })
    expect(await ends(await it.start('h12'))).toMatchObject({ exitCode: 0 })
  })
})

attackCase('X11', 'a row whose path leads out by another spelling', async (step) => {
  const outside = join(it.kit.dataDir, 'outside')
  mkdirSync(outside)
  cpSync(inRoot('planted.sh'), join(outside, 'planted.sh'))
  symlinkSync(outside, inRoot('out'))
  const paths = [
    join(outside, 'planted.sh'),
    inRoot('out/planted.sh'),
    `${it.place.scripts}/../scripts/planted.sh`,
    `/proc/self/root${inRoot('planted.sh')}`,
    '/proc/self/fd/3',
    '/dev/fd/3',
    `${inRoot('planted.sh')} `,
    inRoot('PLANTED.sh'),
    `${it.place.scripts}-evil/planted.sh`,
  ]
  const answers: Answer[] = []
  await step.attack('none of them runs', async () => {
    for (const path of paths) {
      plant('elsewhere', { path })
      const answer = await it.start('elsewhere')
      expect([path, answer.status]).toEqual([path, expect.toSatisfy((status: number) => [403, 404].includes(status))])
      answers.push(answer)
    }
  })
  await step.row('each', async () => {
    for (const { requestId, body } of answers) expect(await it.rows(requestId)).toEqual(failed(String(body.code)))
  })
  await step.control('the same row with the plain path', async () => {
    plant('planted', {})
    expect(await ends(await it.start('planted'))).toMatchObject({ exitCode: 0 })
  })
  for (const name of ['planted', 'elsewhere']) rmSync(join(rowFolder, `${name}.json`))
  rmSync(inRoot('out'))
})
