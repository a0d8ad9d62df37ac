import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { attackCase } from '@console/testkit/attack'
import { createHarness } from '@console/testkit/daemon-harness'
import { describeNeeding } from '@console/testkit/needs'
import { startProgram } from '@console/testkit/program'
import { afterAll, beforeAll, beforeEach, expect } from 'vitest'
import { type Answer, type Attacker, openAttacker, runIdOf } from './scripts-attacker.ts'

const base = mkdtempSync(join(tmpdir(), 'roots-'))
/** What an agent that may not start says; null when it starts. */
async function whyNot(roots: string): Promise<string | null> {
  const kit = createHarness('host-agent')
  try {
    const agent = await startProgram('apps/host-agent/src/main.ts', { ...kit.env, SCRIPT_ROOTS: roots })
    await agent.stop()
    return null
  } catch (error) {
    // Refused before anything of it was made: no socket, no key, no journal.
    expect(['run', 'host-agent'].filter((name) => existsSync(join(kit.dataDir, name)))).toEqual([])
    return (error as Error).message
  } finally {
    kit.remove()
  }
}

beforeAll(() => {
  mkdirSync(join(base, 'real/below'), { recursive: true })
  symlinkSync(join(base, 'real'), join(base, 'link'))
})
afterAll(() => rmSync(base, { recursive: true, force: true }))

attackCase(
  'H11',
  'script roots that are too much, or nothing certain',
  async (step) => {
    const bad = ['/', '', 'scripts', join(base, 'link'), join(base, 'link/below')]
    await step.attack('the agent does not start, and names the root', async () => {
      for (const roots of bad) expect([roots, await whyNot(roots)]).toEqual([roots, expect.stringContaining('SCRIPT_ROOTS')])
    })
    await step.row('no journal was begun for any of them', () => expect(bad).toHaveLength(5))
    await step.control('the folder itself', async () => expect(await whyNot(join(base, 'real'))).toBeNull())
  },
  120_000,
)

describeNeeding('account', 'scripts and other accounts', () => {
  let it: Attacker
  const nobody = (command: string, ...args: string[]): string =>
    it.place.bash(`setpriv --reuid=65534 --regid=65534 --clear-groups bash -c "$1" _ "\${@:2}" 2>&1 || true`, command, ...args)
  const row = (scriptId: string): string => join(it.kit.dataDir, 'host-agent/scripts.d', `${scriptId}.json`)

  beforeAll(async () => {
    it = await openAttacker()
  }, 60_000)
  beforeEach(() => it.kit.nextPerson())
  afterAll(() => it?.place.remove(), 60_000)

  attackCase(
    'H14',
    'a script is to run as an account that is not there',
    async (step) => {
      await it.approved('h14', 'id -u', { user: 'nobody' })
      let answer: Answer
      await step.attack('neither a plan nor a row can name it', async () => {
        for (const user of ['nobody-is-called-this', '-x', '0', '../root', 'root:x'])
          expect([user, await it.call('scripts.plan', { scriptId: 'h14', user })]).toEqual([
            user,
            expect.objectContaining({ status: 403, body: expect.objectContaining({ code: 'SCRIPT_REFUSED' }) }),
          ])
        const good = readFileSync(row('h14'), 'utf8')
        writeFileSync(row('h14'), good.replace('"nobody"', '"nobody-is-called-this"'), { mode: 0o600 })
        answer = await it.start('h14')
        writeFileSync(row('h14'), good, { mode: 0o600 })
        expect(answer).toMatchObject({ status: 403, body: { code: 'SCRIPT_REFUSED', detail: expect.stringContaining('no account') } })
      })
      await step.row('the attempt', async () =>
        expect((await it.rows(answer.requestId)).at(-1)).toMatchObject({ outcome: 'failed', code: 'SCRIPT_REFUSED' }),
      )
      await step.control('an account that is there is what the script runs as', async () => {
        const runId = runIdOf(await it.start('h14'))
        expect(await it.desk.ended(runId)).toMatchObject({ exitCode: 0, user: 'nobody' })
        expect((await it.desk.lines(runId)).map(({ text }) => text)).toEqual(['65534'])
      })
    },
    90_000,
  )

  attackCase(
    'H13',
    'another account looks for the secret of a run',
    async (step) => {
      const secret = `s3cret-${it.kit.dataDir.slice(-6)}`
      await it.approved('h13', '# variables: V\necho begun; sleep 60')
      let runId = ''
      await step.attack('it stands in no environment, file or argument that it can read', async () => {
        runId = runIdOf(await it.start('h13', { variables: { V: secret }, secretNames: ['V'] }))
        await it.desk.wrote(runId, 1)
        const { pid } = (await it.desk.get(runId)) as unknown as { pid: number }
        expect(nobody('cat /proc/$1/environ', String(pid))).toContain('Permission denied')
        expect(nobody('cat /proc/[0-9]*/cmdline 2>/dev/null | tr "\\0" " "')).not.toContain(secret)
        expect(nobody('cat "$1/output.ndjson"', join(it.place.runs, runId))).toContain('Permission denied')
      })
      await step.control('root can, so it is there', async () => {
        const { pid } = (await it.desk.get(runId)) as unknown as { pid: number }
        expect(it.place.bash('tr "\\0" "\\n" </proc/$1/environ', String(pid))).toContain(`V=${secret}`)
        await it.desk.cancel(runId)
      })
      await step.row('none of it', async () => {
        expect(JSON.stringify(await it.rows(runId))).not.toContain(secret)
        expect((await it.rows(runId)).length).toBeGreaterThan(2)
      })
    },
    90_000,
  )

  attackCase(
    'H14',
    'in production a script is to run as root',
    async (step) => {
      const production = await openAttacker({ NODE_ENV: 'production' })
      try {
        production.desk.put('root', 'id -u')
        production.desk.put('other', '# user: nobody\nid -u')
        let answer: Answer
        await step.attack('it is refused with what to do', async () => {
          expect(userInfo().username).toBe('root')
          const plan = await production.call('scripts.plan', { scriptId: 'root' })
          expect(plan).toMatchObject({ status: 403, body: { code: 'SCRIPT_REFUSED', detail: expect.stringContaining('# user: NAME') } })
          await production.desk.approve('other')
          const path = join(production.kit.dataDir, 'host-agent/scripts.d/other.json')
          const good = readFileSync(path, 'utf8')
          writeFileSync(path, good.replace('"nobody"', '"root"'), { mode: 0o600 })
          answer = await production.start('other')
          writeFileSync(path, good, { mode: 0o600 })
          expect(answer).toMatchObject({ status: 403, body: { code: 'SCRIPT_REFUSED' } })
        })
        await step.row('the attempt', async () =>
          expect((await production.rows(answer.requestId)).at(-1)).toMatchObject({ outcome: 'failed', code: 'SCRIPT_REFUSED' }),
        )
        await step.control('the account that the script proposes', async () => {
          const runId = runIdOf(await production.start('other'))
          await production.desk.ended(runId)
          expect((await production.desk.lines(runId)).map(({ text }) => text)).toEqual(['65534'])
        })
      } finally {
        await production.place.remove()
      }
    },
    90_000,
  )
})

attackCase(
  'X13',
  'a folder whose name only begins like a script root',
  async (step) => {
    const it = await openAttacker()
    const evil = `${it.place.scripts}-evil`
    try {
      mkdirSync(evil, { mode: 0o755 })
      await it.approved('x13', 'echo ok')
      writeFileSync(join(evil, 'x13.sh'), readFileSync(join(it.place.scripts, 'x13.sh')), { mode: 0o755 })
      const row = join(it.kit.dataDir, 'host-agent/scripts.d/x13.json')
      const good = readFileSync(row, 'utf8')
      let answer: Answer
      await step.attack('a row for it does not run, though the bytes are the approved ones', async () => {
        writeFileSync(
          row.replace('x13.json', 'evil.json'),
          good.replaceAll('"x13"', '"evil"').replace(`${it.place.scripts}/`, `${evil}/`),
          { mode: 0o600 },
        )
        answer = await it.start('evil')
        expect(answer).toMatchObject({
          status: 403,
          body: { code: 'SCRIPT_REFUSED', detail: expect.stringContaining('not under the script roots') },
        })
      })
      await step.row('the attempt', async () =>
        expect((await it.rows(answer.requestId)).at(-1)).toMatchObject({ outcome: 'failed', code: 'SCRIPT_REFUSED' }),
      )
      await step.control('the row for the root itself', async () =>
        expect(await it.desk.ended(runIdOf(await it.start('x13')))).toMatchObject({ exitCode: 0 }),
      )
    } finally {
      await it.place.remove()
      rmSync(evil, { recursive: true, force: true })
    }
  },
  90_000,
)
