import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type AgentPlace, openLocalPlace } from '@console/testkit/agent-place'
import { attackCase } from '@console/testkit/attack'
import { until } from '@console/testkit/daemon-harness'
import { describeNeeding } from '@console/testkit/needs'
import { afterAll, beforeAll, beforeEach, expect } from 'vitest'
import { type Checked, openCodeDesk } from './code-desk.ts'

const minute = 60_000
const isRoot = process.getuid?.() === 0
const canaries = { JWT_SECRET: 'CANARY-code-1', ENCRYPTION_KEY: 'CANARY-code-2', DATABASE_URL: 'CANARY-code-3', LD_CANARY: 'CANARY-code-4' }
const limitSec = 8

/** What each process that this account may see says of itself. */
const told = (what: 'cmdline' | 'environ'): string[] =>
  readdirSync('/proc')
    .filter((name) => /^[0-9]+$/.test(name))
    .flatMap((pid) => {
      try {
        return [readFileSync(`/proc/${pid}/${what}`, 'latin1').replaceAll('\0', ' ')]
      } catch {
        return []
      }
    })

describeNeeding('contained', 'what a check of code is given, and may take', () => {
  let place: AgentPlace
  let code: ReturnType<typeof openCodeDesk>
  let base: string

  beforeAll(async () => {
    base = mkdtempSync(join(tmpdir(), 'code-bounds-'))
    chmodSync(base, 0o755)
    const roots = join(base, 'allowed')
    mkdirSync(roots)
    place = await openLocalPlace({ ...canaries, CODE_ROOTS: roots, CODE_ACCOUNT: 'nobody', CODE_LIMIT_SEC: String(limitSec) })
    code = openCodeDesk(place, roots)
    await place.start()
  }, minute)
  beforeEach(() => place.kit.nextPerson())
  afterAll(async () => {
    await place?.remove()
    rmSync(base, { recursive: true, force: true })
  }, minute)

  attackCase(
    'X9',
    'secrets in the environment of the agent, and a check that looks for them',
    async (it) => {
      const look = '#!/bin/bash\nfor f in /proc/[0-9]*/environ; do tr "\\0" "\\n" <$f; done; env; echo the-end; sleep 60\n'
      const path = code.project('environs', { lint: './look.sh' }, { 'look.sh': look })
      let runId = ''
      await it.attack('no process of it holds one, inside or outside', async () => {
        runId = await code.begin(path)
        const lines = await until('it told', async () => (await code.textsOf(runId)).includes('the-end') && code.textsOf(runId), 45_000)
        expect(lines.filter((line) => /CANARY|^(KEYS_DIR|DATA_DIR|SOCKET_DIR|SCRIPT_ROOTS)=/.test(line))).toEqual([])
        expect(lines.filter((line) => line === 'CI=1').length, 'environments were read').toBeGreaterThan(1)
        const marked = told('environ').filter((all) => all.includes(`BYTELYST_RUN=${runId}`))
        expect(marked.length, 'processes that hold it were seen').toBeGreaterThan(0)
        expect(marked.filter((all) => all.includes('CANARY'))).toEqual([])
      })
      await it.control('the agent itself has each of them', () => {
        const all = told('environ').filter((one) => one.includes(place.kit.dataDir))
        for (const [name, value] of Object.entries(canaries)) expect(all.some((one) => one.includes(`${name}=${value}`))).toBe(true)
      })
      await it.row('nothing of them', async () => {
        await code.desk.cancel(runId)
        const rows = await code.desk.journal()
        expect(rows.some(({ target }) => target === runId)).toBe(true)
        expect(JSON.stringify(rows)).not.toContain('CANARY')
      })
    },
    2 * minute,
  )

  attackCase(
    'X10',
    'a check whose children leave its session, ignore TERM, write without end, and would fork without end',
    async (it) => {
      const tag = `deaf-${base.slice(-6)}`
      const storm = `#!/bin/bash
trap '' TERM
ulimit -u
ulimit -f
deaf() { setsid sh -c "trap '' TERM; while :; do sleep 1; done; : ${tag}" >/dev/null 2>&1 & }
deaf; (deaf &)
exec yes ${'y'.repeat(80)}
`
      const path = code.project('storm', { lint: './storm.sh', build: 'echo calm' }, { 'storm.sh': storm })
      const words = () => told('cmdline').filter((line) => line.includes(tag))
      let run: Checked | undefined
      await it.attack('all are ended at the limit, and the output is cut', async () => {
        // A machine under load may reach the limit before the children are there: then it is tried again.
        for (let tries = 0, seen = false; !seen; tries += 1) {
          expect(tries).toBeLessThan(5)
          const runId = await code.begin(path)
          await until(
            'the children are there, or it is over',
            async () => {
              seen ||= words().length >= 2
              return seen || (await code.desk.get(runId)).endedAt !== null
            },
            minute,
          )
          run = (await code.desk.ended(runId, minute)) as Checked
        }
        expect(run).toMatchObject({ state: 'timed-out', cut: true, checks: [{ name: 'lint', state: 'not-run' }] })
        expect(Date.parse(String(run?.endedAt)) - Date.parse(String(run?.deadlineAt))).toBeLessThan(30_000)
        expect(words()).toEqual([])
        expect(statSync(join(place.runs, String(run?.runId), 'output.ndjson')).size).toBeLessThan(20_000_000)
        const bounds = (await code.desk.log(String(run?.runId), { limit: 20 })).map(({ text }) => text)
        expect(bounds).toEqual(expect.arrayContaining([isRoot ? '2048' : '4096', '1048576']))
      })
      await it.row('that its time was over', async () =>
        expect((await code.desk.journal()).filter(({ target }) => target === run?.runId).at(-1)).toMatchObject({
          action: 'runs.end',
          outcome: 'failed',
          details: { state: 'timed-out' },
        }),
      )
      await it.control('a check that ends in time', async () => {
        const calm = await until(
          'one that ends in time',
          async () => {
            const done = await code.through(path, ['build'])
            return done.run.state === 'exited' && done
          },
          minute,
        )
        expect([calm.run.checks, calm.text]).toEqual([
          [expect.objectContaining({ state: 'passed', bound: null })],
          expect.arrayContaining(['calm']),
        ])
      })
    },
    3 * minute,
  )

  attackCase(
    'L1',
    'more checks by one person than its row allows, and more in line than may wait',
    async (it) => {
      const path = code.project('many', { lint: 'sleep 60' })
      const first = await code.begin(path)
      const asked = { runId: first, projectPath: path, checks: ['lint'] }
      const again = () => place.kit.ask('code.check', asked)
      await it.attack('the 21st of five minutes, and the eleventh in line', async () => {
        place.kit.nextPerson()
        for (let n = 0; n < 20; n += 1) expect((await again()).status).toBe(200)
        expect(code.codeOf(await again())).toEqual([429, 'RATE_LIMITED'])
        const waiting: string[] = []
        try {
          for (let n = 0; n < 9; n += 1) waiting.push(await code.begin(path))
          expect(code.codeOf(await code.ask(path))).toEqual([409, 'RUN_BUSY'])
        } finally {
          for (const runId of waiting.reverse()) {
            place.kit.nextPerson()
            await code.desk.cancel(runId)
          }
        }
      })
      await it.control('somebody else, who asks for the same run', async () => {
        place.kit.nextPerson()
        expect((await again()).status).toBe(200)
        await code.desk.cancel(first)
      })
      await it.row('both refusals', async () => {
        const rows = (await code.desk.journal()).filter(
          ({ action, outcome }) => action === 'code.check' && outcome !== 'started' && outcome !== 'done',
        )
        expect(rows.map(({ outcome, code: why }) => `${outcome} ${why}`)).toEqual(['denied RATE_LIMITED', 'failed RUN_BUSY'])
      })
    },
    2 * minute,
  )
})
