import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { attackCase } from '@console/testkit/attack'
import { createHarness, type Harness } from '@console/testkit/daemon-harness'
import { reportFigure, rounds } from '@console/testkit/deep'
import { type Program, startProgram } from '@console/testkit/program'
import { exchange } from '@console/testkit/raw-socket'
import { swapper } from '@console/testkit/swapper'
import { afterAll, beforeAll, beforeEach, expect } from 'vitest'

const project = join(import.meta.dirname, '../..')
const withinMs = 120_000
let base: string
let kit: Harness
let agent: Program
/** The agent as it is installed, so that its own scripts can be tampered with. */
const inAgent = (path: string): string => join(base, 'agent', path)
const inRoot = (path: string): string => join(base, 'root', path)
const log = (): string => inRoot('var/log/vm-cleanup.log')

type Tail = { state: string; reason: string | null; lines: { text: string; masked: number }[] }
const tail = async (name = 'cleanup') => (await kit.ask('vm.log', { log: name }, 'operator')).body as unknown as Tail
const health = () => kit.ask('vm.health', {}, 'viewer')
const plan = () => kit.ask('vm.cleanup.plan', {})
const codeOf = ({ status, body }: { status: number; body: Record<string, unknown> }): string => `${status} ${body.code ?? ''}`.trim()

beforeAll(async () => {
  base = realpathSync(mkdtempSync(join(tmpdir(), 'vm-files-')))
  execFileSync(process.execPath, [join(project, 'deploy/systemd/stage-agent.ts'), project, join(base, 'agent')])
  mkdirSync(inRoot('var/log'), { recursive: true })
  kit = createHarness('host-agent')
  const entry = relative(project, inAgent('apps/host-agent/src/main.ts'))
  agent = await startProgram(entry, { ...kit.env, SCRIPT_ROOTS: base, HOST_ROOT: inRoot('') })
}, withinMs)
beforeEach(() => kit.nextPerson())
afterAll(async () => {
  await agent?.stop()
  kit?.remove()
  rmSync(base, { recursive: true, force: true })
}, 60_000)

/** Refused calls of ours, as the journal has them. */
const denied = async (requestId: string) => {
  const { body } = await kit.ask('journal.read', { after: 0, limit: 1_000 }, 'service')
  return (body as unknown as { rows: { requestId: string; outcome: string; code?: string }[] }).rows.filter(
    (row) => row.requestId === requestId,
  )
}
const callAs = async (verb: string, args: unknown, requestId: string) => {
  const bytes = kit.bytesOf(verb, args, { as: 'operator', headers: { connection: 'close', 'x-request-id': requestId } })
  return (await exchange({ socketPath: kit.socketPath, bytes, timeoutMs: 100_000, quietMs: 100_000 })).status
}
/** A change of nothing that leaves a row of the person who read: what may be read is not on record, what is refused is. */
const refusalIsOnRecord = async (name: string) => {
  expect(await callAs('vm.log', { log: '/etc/shadow' }, name)).toBe(400)
  expect(await denied(name)).toMatchObject([{ outcome: 'denied', code: 'INPUT_INVALID' }])
}

attackCase(
  'H1',
  'a script of the machine is changed on the host, by one byte and as a whole',
  async (step) => {
    const path = inAgent('vm/vm-cleanup.sh')
    const good = readFileSync(path, 'utf8')
    await step.attack('it does not run, and leaves nothing that could be confirmed', async () => {
      for (const text of [`${good}\n`, `touch ${base}/ran\n${good}`, '', 'x'.repeat(2_000_000), `${good}\0`]) {
        writeFileSync(path, text)
        expect(codeOf(await plan())).toBe('409 VM_SCRIPT_CHANGED')
      }
      const check = inAgent('vm/vm-health-check.sh')
      const text = readFileSync(check)
      appendFileSync(check, '\n')
      expect(codeOf(await health())).toBe('409 VM_SCRIPT_CHANGED')
      writeFileSync(check, text)
      expect(existsSync(join(base, 'ran'))).toBe(false)
    })
    await step.attack('nor does it carry out what it had planned before', async () => {
      writeFileSync(path, good)
      const { digest } = (await plan()).body as unknown as { digest: string }
      writeFileSync(path, `touch ${base}/ran\n${good}`)
      const answer = await kit.ask('vm.cleanup.run', { digest }, 'admin', kit.grant('vm.cleanup.run', digest))
      expect([codeOf(answer), existsSync(join(base, 'ran'))]).toEqual(['409 VM_SCRIPT_CHANGED', false])
    })
    await step.row('the run that was not', async () => {
      const { body } = await kit.ask('journal.read', { after: 0, limit: 1_000 }, 'service')
      const rows = (body as unknown as { rows: { action: string; outcome: string; code?: string }[] }).rows
      expect(rows.filter(({ action }) => action === 'vm.cleanup.run').at(-1)).toMatchObject({
        outcome: 'failed',
        code: 'VM_SCRIPT_CHANGED',
      })
    })
    await step.control('the text that came with the agent', async () => {
      writeFileSync(path, good)
      expect((await plan()).status).toBe(200)
    })
  },
  withinMs,
)

attackCase(
  'H2',
  'a script of the machine is a link, or lies behind one',
  async (step) => {
    const path = inAgent('vm/vm-cleanup.sh')
    renameSync(path, join(base, 'same.sh'))
    await step.attack('it does not run, though the text is the right one', async () => {
      symlinkSync(join(base, 'same.sh'), path)
      expect(codeOf(await plan())).toBe('409 VM_SCRIPT_CHANGED')
      rmSync(path)
      execFileSync('mkfifo', [path])
      expect(codeOf(await plan())).toBe('409 VM_SCRIPT_CHANGED')
      rmSync(path)
      renameSync(join(base, 'same.sh'), path)
      renameSync(inAgent('vm'), join(base, 'vm-aside'))
      symlinkSync(join(base, 'vm-aside'), inAgent('vm'))
      expect(codeOf(await plan())).toBe('409 VM_SCRIPT_CHANGED')
    })
    await step.row('a refusal', () => refusalIsOnRecord('h2-row'))
    await step.control('the file itself', async () => {
      rmSync(inAgent('vm'))
      renameSync(join(base, 'vm-aside'), inAgent('vm'))
      expect((await plan()).status).toBe(200)
    })
  },
  withinMs,
)

attackCase(
  'X2',
  'logs that are no name of one of the three',
  async (step) => {
    const names = [
      '-n',
      '--help',
      '@/etc/passwd',
      '../cleanup',
      '/etc/shadow',
      'cleanup\0',
      'cleanup ',
      'Cleanup',
      '',
      '__proto__',
      'constructor',
      'toString',
    ]
    await step.attack('are refused, whatever they look like', async () => {
      for (const name of names)
        expect([name, codeOf(await kit.ask('vm.log', { log: name }, 'operator'))]).toEqual([name, '400 INPUT_INVALID'])
      for (const lines of [0, -1, 1_001, 1.5, '5', null])
        expect(codeOf(await kit.ask('vm.log', { log: 'cleanup', lines }, 'operator'))).toBe('400 INPUT_INVALID')
    })
    await step.row('one of them', () => refusalIsOnRecord('x2-row'))
    await step.control('each of the three', async () => {
      for (const name of ['cleanup', 'health-check', 'watchdog']) expect(['missing', 'there']).toContain((await tail(name)).state)
    })
  },
  withinMs,
)

attackCase(
  'X11',
  'a log of the machine leads elsewhere',
  async (step) => {
    const secret = join(base, 'shadow')
    writeFileSync(secret, 'root:$6$hash\n')
    const unread = async () => {
      const { state, lines } = await tail()
      expect([state, lines]).toEqual(['refused', []])
    }
    await step.attack('by a link, a second name, a pipe, a folder, a device, or a folder above: nothing of it is read', async () => {
      symlinkSync(secret, log())
      await unread()
      rmSync(log())
      linkSync(secret, log())
      await unread()
      rmSync(log())
      execFileSync('mkfifo', [log()])
      await unread()
      rmSync(log())
      mkdirSync(log())
      await unread()
      rmSync(log(), { recursive: true })
      symlinkSync('/dev/zero', log())
      await unread()
      rmSync(log())
      writeFileSync(log(), 'mine\n')
      renameSync(inRoot('var/log'), join(base, 'aside'))
      symlinkSync(join(base, 'aside'), inRoot('var/log'))
      await unread()
      rmSync(inRoot('var/log'))
      renameSync(join(base, 'aside'), inRoot('var/log'))
    })
    await step.row('a path that was asked for', () => refusalIsOnRecord('x11-row'))
    await step.control('the file itself', async () => expect((await tail()).lines.map(({ text }) => text)).toEqual(['mine']))
  },
  withinMs,
)

attackCase(
  'X12',
  'a log of the machine is swapped for a link while it is read',
  async (step) => {
    writeFileSync(log(), 'mine\n')
    writeFileSync(join(base, 'shadow'), 'root:$6$hash\n')
    symlinkSync(join(base, 'shadow'), `${log()}.link`)
    const swapping = swapper(log(), `${log()}.link`)
    await step.attack('what is read is the file, or nothing', async () => {
      const count = rounds({ test: 60, deep: 20_000 })
      const seen = new Set<string>()
      try {
        for (let n = 0; n < count; n += 1) {
          if (n % 100 === 0) kit.nextPerson()
          const { state, lines } = await tail()
          for (const { text } of lines) seen.add(text)
          expect(['there', 'missing', 'refused']).toContain(state)
        }
      } finally {
        swapping.kill('SIGKILL')
      }
      expect([...seen].filter((text) => text !== 'mine')).toEqual([])
      reportFigure('reads of a log while it is swapped', count)
    })
    await step.row('a path that was asked for', () => refusalIsOnRecord('x12-row'))
    await step.control('the file at rest', async () => {
      for (const left of [log(), `${log()}.link`, `${log()}.away`]) rmSync(left, { force: true })
      writeFileSync(log(), 'mine\n')
      expect((await tail()).lines.map(({ text }) => text)).toEqual(['mine'])
    })
  },
  withinMs,
)

attackCase(
  'V3',
  'lines of a log of the machine that speak to a terminal, hide, or hold secrets',
  async (step) => {
    const hostile = [
      '\u001b]0;title\u0007a',
      '\u001b]52;c;aGk=\u001b\\b',
      '\u001bPq\u001b\\c',
      '\u009d0;t\u009cd',
      '\u001b[2J\u001b[1;1He',
      '\u001b]8;;javascript:alert(1)\u001b\\f\u001b]8;;\u001b\\',
      'g\u202eh\u200bi',
      'token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.abcdefghijklmnop',
      'password=hunter2222',
    ]
    await step.attack('are shown as plain text, and what is secret is covered', async () => {
      writeFileSync(log(), `${hostile.join('\n')}\n`)
      const shown = (await tail()).lines.map(({ text }) => text)
      expect(shown.slice(0, 6)).toEqual(['a', 'b', 'c', 'd', 'e', 'f'])
      expect(shown.join('\n')).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b\u202e]|eyJ|hunter/)
    })
    await step.row('a log that is none', () => refusalIsOnRecord('v3-row'))
    await step.control('a line of our own', async () => {
      writeFileSync(log(), '2026-11-28T03:15:04Z ok removed 1 of 1\n')
      expect((await tail()).lines).toEqual([{ text: '2026-11-28T03:15:04Z ok removed 1 of 1', masked: 0, cut: false }])
    })
  },
  withinMs,
)

attackCase(
  'L1',
  'more checks of the machine than a person may ask for',
  async (step) => {
    const ids = Array.from({ length: 31 }, (_, n) => `l1-${n}`)
    let statuses: readonly number[] = []
    await step.attack('one of thirty-one at once is refused, and the others are answered by one run of the script, or few', async () => {
      statuses = await Promise.all(ids.map((id) => callAs('vm.health', {}, id)))
      expect([...statuses].sort()).toEqual([...Array(30).fill(200), 429])
    })
    await step.row('the refusal', async () =>
      expect(await denied(ids[statuses.indexOf(429)] ?? '')).toMatchObject([{ outcome: 'denied', code: 'RATE_LIMITED' }]),
    )
    await step.control('another person', async () => {
      kit.nextPerson()
      expect((await health()).status).toBe(200)
    })
  },
  withinMs,
)
