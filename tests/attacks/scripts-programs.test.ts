import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { attackCase } from '@console/testkit/attack'
import { until } from '@console/testkit/daemon-harness'
import { afterAll, beforeAll, beforeEach, expect } from 'vitest'
import { type Answer, type Attacker, openAttacker, runIdOf } from './scripts-attacker.ts'

let it: Attacker
let tag: string
const canary = 'CANARY-7f3a'
const ends = async (answer: Answer) => it.desk.ended(runIdOf(answer))
const texts = async (runId: string) => (await it.desk.lines(runId)).map(({ text }) => text)
/** Arguments of every process that this account may see. */
const allArguments = (): string[] =>
  readdirSync('/proc')
    .filter((name) => /^[0-9]+$/.test(name))
    .flatMap((pid) => {
      try {
        return [readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')]
      } catch {
        return []
      }
    })

beforeAll(async () => {
  it = await openAttacker({ JWT_SECRET: canary, ENCRYPTION_KEY: canary, DATABASE_URL: canary, LD_CANARY: canary })
  tag = it.kit.dataDir.slice(-6)
  await it.approved('ends', 'echo ok')
  await it.approved('waits', 'sleep 60')
}, 60_000)
beforeEach(() => it.kit.nextPerson())
afterAll(() => it?.place.remove(), 60_000)

attackCase(
  'H16',
  'fifty starts of one service at once, and the same one again',
  async (step) => {
    const serviceId = 'stormed'
    let taken: Answer[] = []
    let refused: Answer[] = []
    await step.attack('one runs, and none runs twice', async () => {
      const answers = await Promise.all(Array.from({ length: 50 }, () => it.start('waits', { serviceId })))
      taken = answers.filter(({ status }) => status === 200)
      refused = answers.filter(({ status }) => status !== 200)
      expect(taken).toHaveLength(30)
      expect(refused.map(({ body }) => body.code)).toEqual(Array(20).fill('RATE_LIMITED'))
      const states = await Promise.all(taken.map(async (answer) => (await it.desk.get(runIdOf(answer))).state))
      expect(states.filter((state) => state === 'running')).toHaveLength(1)
      expect(states.filter((state) => state === 'queued')).toHaveLength(29)
    })
    await step.row('each start, and each refusal', async () => {
      for (const { requestId } of taken.slice(0, 3))
        expect((await it.rows(requestId)).map(({ outcome }) => outcome)).toEqual(['started', 'done'])
      for (const { requestId } of refused.slice(0, 3))
        expect(await it.rows(requestId)).toEqual([expect.objectContaining({ outcome: 'denied', code: 'RATE_LIMITED' })])
    })
    await step.control('another service is not kept waiting; the same id is the same run; who may not wait is told', async () => {
      expect(await ends(await it.start('ends'))).toMatchObject({ exitCode: 0 })
      const runId = runIdOf(await it.start('waits', { serviceId: 'calm' }))
      expect(runIdOf(await it.start('waits', { serviceId: 'calm', runId }))).toBe(runId)
      expect(await it.start('waits', { serviceId: 'calm', onBusy: 'refuse' })).toMatchObject({ status: 409, body: { code: 'RUN_BUSY' } })
      for (const id of [...taken.map(runIdOf).reverse(), runId]) {
        it.kit.nextPerson()
        await it.desk.cancel(id)
      }
    })
  },
  120_000,
)

attackCase('X9', 'secrets in the environment of the agent', async (step) => {
  await it.approved('environs', 'for f in /proc/$$/environ /proc/$PPID/environ; do tr "\\0" "\\n" <$f; done; echo the-end; sleep 60')
  let runId = ''
  await step.attack('none of them is in the script or its wrapper', async () => {
    runId = runIdOf(await it.start('environs', {}))
    const lines = await until('it told', async () => (await texts(runId)).includes('the-end') && (await texts(runId)), 45_000)
    expect(lines.join('\n')).not.toContain(canary)
    expect(lines.filter((line) => /^(JWT_SECRET|ENCRYPTION_KEY|DATABASE_URL|LD_CANARY|DATA_DIR|KEYS_DIR)=/.test(line))).toEqual([])
  })
  await step.control('the agent itself has them', async () => {
    const agent = it.place.bash('grep -lzx "JWT_SECRET=$1" /proc/[0-9]*/environ 2>/dev/null | wc -l', canary).trim()
    expect(Number(agent)).toBeGreaterThan(0)
    await it.desk.cancel(runId)
  })
  await step.row('nothing of them', async () => expect(JSON.stringify(await it.desk.journal())).not.toContain(canary))
})

attackCase(
  'X10',
  'children that outlive the limit, ignore TERM, and write without end',
  async (step) => {
    const deaf = `trap "" TERM; while :; do sleep 0.1; done; : deaf-${tag}`
    const words = () => allArguments().filter((line) => line.includes(`deaf-${tag}`))
    await it.approved(
      'storm',
      `setsid bash -c '${deaf}' & (setsid bash -c '${deaf}' &)\nfor n in 1 2; do (while :; do (sleep 0.2) & sleep 0.05; done) & done\ntrap "" TERM; yes ${'y'.repeat(80)}`,
      { timeoutSec: 2 },
    )
    let runId = ''
    await step.attack('all are ended, and the output is cut', async () => {
      runId = runIdOf(await it.start('storm'))
      await until('they are there', () => words().length >= 2, 45_000)
      const run = (await it.desk.ended(runId)) as unknown as { state: string; cut: boolean; deadlineAt: string; endedAt: string }
      expect(run).toMatchObject({ state: 'timed-out', cut: true })
      // The grace between TERM and KILL is five seconds; the rest is slack for a busy machine.
      expect(Date.parse(run.endedAt) - Date.parse(run.deadlineAt)).toBeLessThan(30_000)
      expect(words()).toEqual([])
      expect(statSync(join(it.place.runs, runId, 'output.ndjson')).size).toBeLessThan(20_000_000)
    })
    await step.row('that its time was over', async () =>
      expect((await it.rows(runId)).at(-1)).toMatchObject({ action: 'runs.end', outcome: 'failed', details: { state: 'timed-out' } }),
    )
    await step.control('what ends in time is left as it ends', async () =>
      expect(await ends(await it.start('ends'))).toMatchObject({ state: 'exited', exitCode: 0, cut: false }),
    )
  },
  120_000,
)

attackCase(
  'H17',
  'a run that is cancelled has forked twice, ignores TERM and writes without end',
  async (step) => {
    const deaf = `trap "" TERM; while :; do sleep 0.1; done; : gone-${tag}`
    const words = () => allArguments().filter((line) => line.includes(`gone-${tag}`))
    await it.approved(
      'h17',
      `(setsid bash -c "(setsid bash -c '${deaf.replaceAll('"', '\\"')}' &)" &)\ntrap "" TERM; yes ${'z'.repeat(80)}`,
    )
    let runId = ''
    await step.attack('nothing of it is left, and its output is cut with a mark', async () => {
      runId = runIdOf(await it.start('h17'))
      await until('it is there, and has written too much', async () => words().length > 0 && (await it.desk.get(runId)).cut, 60_000)
      expect((await it.desk.cancel(runId)).body).toMatchObject({ run: { state: 'cancelled', cut: true } })
      expect(words()).toEqual([])
    })
    await step.row('who cancelled it, and its end', async () => {
      const rows = await it.rows(runId)
      expect(rows.filter(({ action }) => action === 'runs.cancel').map(({ outcome, actor }) => `${outcome} ${actor.kind}`)).toEqual([
        'started person',
        'done person',
      ])
      expect(rows.filter(({ action }) => action === 'runs.end')).toEqual([
        expect.objectContaining({ details: { state: 'cancelled', exitCode: null } }),
      ])
    })
    await step.control('a run beside it goes on', async () => {
      const other = runIdOf(await it.start('waits'))
      const victim = runIdOf(await it.start('waits'))
      await it.desk.cancel(victim)
      expect((await it.desk.get(other)).state).toBe('running')
      await it.desk.cancel(other)
    })
  },
  120_000,
)
