import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { attackCase } from '@console/testkit/attack'
import { afterAll, beforeAll, beforeEach, expect } from 'vitest'
import { type Answer, type Attacker, openAttacker, runIdOf } from './scripts-attacker.ts'

let it: Attacker
const plain = { reason: 'an attack', onBusy: 'queue', variables: {}, secretNames: [], serviceId: 'svc' }
const code = ({ status, body }: Answer): string => `${status} ${body.code}`
const deniedRows = async (answers: readonly Answer[]) => {
  for (const { requestId, body } of answers) expect((await it.rows(requestId)).at(-1)).toMatchObject({ outcome: 'denied', code: body.code })
}

beforeAll(async () => {
  it = await openAttacker()
  await it.approved('tells', '# variables: V\necho begun; sleep 60')
}, 60_000)
beforeEach(() => it.kit.nextPerson())
afterAll(() => it?.place.remove(), 60_000)

attackCase(
  'X1',
  'code in every parameter of a run',
  async (step) => {
    const planted = join(it.kit.dataDir, 'planted')
    const codes = [
      `; touch ${planted}`,
      `$(touch ${planted})`,
      `\`touch ${planted}\``,
      `a\ntouch ${planted}`,
      '*',
      '~',
      '%0a',
      '| id',
      '&& id',
      '{a,b}',
    ]
    const answers: Answer[] = []
    await step.attack('as an id it is refused, as a reason or a value it is text, and the arguments are the template', async () => {
      for (const text of codes) {
        for (const field of ['runId', 'scriptId', 'serviceId']) answers.push(await it.start('tells', { [field]: `x${text}` }))
        expect(answers.slice(-3).map(code)).toEqual(Array(3).fill('400 INPUT_INVALID'))
      }
      const runId = runIdOf(await it.start('tells', { reason: codes.join(' '), variables: { V: codes.join(' ') }, secretNames: codes }))
      await it.desk.wrote(runId, 1)
      const { pid, reason } = (await it.desk.get(runId)) as unknown as { pid: number; reason: string }
      expect(readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')).toEqual([
        '/bin/bash',
        '--noprofile',
        '--norc',
        '/proc/self/fd/3',
        '',
      ])
      expect(reason).toBe(codes.join(' '))
      await it.desk.cancel(runId)
      expect(existsSync(planted)).toBe(false)
    })
    await step.row('each refusal', () => deniedRows(answers))
    await step.control('the same with plain words', async () => {
      const runId = runIdOf(await it.start('tells'))
      await it.desk.cancel(runId)
    })
  },
  90_000,
)

attackCase(
  'X2',
  'parameters that begin like an option, a file or an assignment, and NUL',
  async (step) => {
    const answers: Answer[] = []
    await step.attack('none is an id', async () => {
      for (const text of ['-x', '--help', '@/etc/passwd', '=x', 'a\0b', '\0'])
        for (const field of ['runId', 'scriptId', 'serviceId']) answers.push(await it.start('tells', { [field]: text }))
      answers.push(await it.start('tells', { reason: 'a\0b' }), await it.start('tells', { secretNames: ['a\0'] }))
      expect(answers.map(code)).toEqual(Array(20).fill('400 INPUT_INVALID'))
    })
    await step.row('each', () => deniedRows(answers))
    await step.control('dashes inside an id', async () => {
      const runId = runIdOf(await it.start('tells', { serviceId: 'a--b-' }))
      await it.desk.cancel(runId)
    })
  },
  90_000,
)

attackCase('X3', 'verbs that are words of the language', async (step) => {
  const answers: Answer[] = []
  await step.attack('there is no such verb', async () => {
    for (const name of [
      '__proto__',
      'constructor',
      'toString',
      'runs.__proto__',
      'runs',
      'runs.start/',
      'runs.start?x',
      'RUNS.START',
      'runs%2estart',
      '../v1/runs.start',
    ])
      answers.push(await it.call('runs.start', plain, { as: 'operator', path: `/v1/${name}` }))
    expect(answers.map(code)).toEqual(Array(10).fill('404 ROUTE_NOT_FOUND'))
  })
  await step.row('each', () => deniedRows(answers))
  await step.control('the verb itself', async () => expect((await it.call('runs.list', {}, { as: 'operator' })).status).toBe(200))
})

attackCase(
  'X4',
  'more than the verb takes',
  async (step) => {
    const more: object[] = [
      { options: { shell: true } },
      { shell: true },
      { env: {} },
      { detached: true },
      { __proto__x: 1 },
      { constructor: {} },
      { grant: 'x' },
    ]
    const answers: Answer[] = []
    await step.attack('each is refused by its name', async () => {
      for (const extra of more) answers.push(await it.start('tells', extra))
      const body = JSON.stringify({ ...plain, runId: 'x4', scriptId: 'tells' }).replace('{', '{"__proto__":{"shell":true},')
      answers.push(await it.call('runs.start', {}, { as: 'operator', body }))
      expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(400))
      expect(answers[0]?.body).toMatchObject({ errors: [{ field: 'options', rule: 'unknown' }] })
    })
    await step.row('each', () => deniedRows(answers))
    await step.control('the call without it', async () => {
      const runId = runIdOf(await it.start('tells'))
      await it.desk.cancel(runId)
    })
  },
  90_000,
)
