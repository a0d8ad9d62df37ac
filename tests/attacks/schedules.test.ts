import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { attackCase } from '@console/testkit/attack'
import { afterAll, beforeAll, beforeEach, expect } from 'vitest'
import { type Answer, type Attacker, openAttacker } from './scripts-attacker.ts'

type Told = {
  readonly jobs: readonly {
    readonly name: string
    readonly command: { readonly text: string; readonly masked: number; readonly cut: boolean }
    readonly last: object | null
  }[]
  readonly passedOver: readonly { readonly source: string; readonly why: string }[]
}
const spool = 'var/spool/cron/crontabs'
const mine = process.getuid?.() ?? 0
const names = ['links', 'holds', 'paints', 'floods', 'lies', 'calm']
let it: Attacker
let root: string

const put = (path: string, text: string): void => {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text, { mode: 0o600 })
}
const look = async (): Promise<{ told: Told; text: string }> => {
  const answer = await it.call('cron.list', {}, { as: 'operator' })
  expect(answer.status).toBe(200)
  return { told: answer.body as unknown as Told, text: answer.text }
}
const commandOf = ({ jobs }: Told, name: string) => jobs.find((job) => job.name === name)?.command
/** What is read leaves no row, what is refused does: so that it is seen who tried. */
const refusalOnRecord = async (answer?: Answer) => {
  const refused = answer ?? (await it.call('cron.list', { file: '/etc/shadow' }, { as: 'operator' }))
  expect(refused.status).toBe(400)
  expect((await it.rows(refused.requestId)).at(-1)).toMatchObject({ action: 'cron.list', outcome: 'denied', code: 'INPUT_INVALID' })
}

beforeAll(async () => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'schedules-')))
  put('etc/passwd', names.map((name) => `${name}:x:${mine}:0::/home/${name}:/bin/sh\n`).join(''))
  put(`${spool}/calm`, '15 3 * * * /bin/calm --to /srv\n')
  put('etc/shadow', `* * * * * root-secret-${mine}\n`)
  symlinkSync(join(root, 'etc/shadow'), join(root, spool, 'links'))
  put(
    `${spool}/holds`,
    `0 1 * * * holder --password 'CANARY one' TOKEN=CANARY2 https://u:CANARY3@x.test mysqldump -pCANARY4\n0 2 * * * mail x%CANARY5\n`,
  )
  put(`${spool}/paints`, '0 1 * * * paint \u001b[31m\u001b]52;c;CANARY\u0007<img src=x onerror=alert(1)>\u202e\u009b2J end\n')
  put(`${spool}/floods`, `${'0 1 * * * flood x\n'.repeat(2_000)}0 2 * * * ${'-'.repeat(60_000)}\n`)
  put(`${spool}/lies`, '0 1 * * * run-logged.sh liar x\n0 2 * * * run-logged.sh ../../../../etc/x x\n')
  put('elsewhere', '{"v":1,"name":"liar","startedAt":"2026-11-28T03:15:01.000Z","endedAt":"2026-11-28T03:15:05.000Z","exitCode":0}')
  mkdirSync(join(root, 'home/lies/.local/state/bytelyst-runs'), { recursive: true })
  symlinkSync(join(root, 'elsewhere'), join(root, 'home/lies/.local/state/bytelyst-runs/liar.ended.json'))
  it = await openAttacker({ HOST_ROOT: root })
}, 60_000)
beforeEach(() => it.kit.nextPerson())
afterAll(async () => {
  await it?.place.remove()
  rmSync(root, { recursive: true, force: true })
}, 60_000)

attackCase('X4', 'arguments for the lists of schedules and units, which take none', async (step) => {
  const answers: Answer[] = []
  await step.attack('each is refused', async () => {
    for (const args of [{ file: '/etc/shadow' }, { account: 'root' }, { unit: '-H evil' }, { shell: true }, { args: ['--root=/'] }])
      for (const verb of ['cron.list', 'units.list']) {
        const answer = await it.call(verb, args, { as: 'operator' })
        expect([verb, answer.status, answer.body.code]).toEqual([verb, 400, 'INPUT_INVALID'])
        answers.push(answer)
      }
  })
  await step.control('without any both answer', async () => {
    for (const verb of ['cron.list', 'units.list']) expect((await it.call(verb, {}, { as: 'operator' })).status).toBe(200)
  })
  await step.row('the refusals', () => refusalOnRecord(answers[0]))
})

attackCase('X11', 'a crontab and a record that are links to files of others', async (step) => {
  await step.attack('neither is followed, and the page is told so', async () => {
    const { told, text } = await look()
    expect(text).not.toContain('root-secret')
    expect(told.passedOver).toContainEqual(
      expect.objectContaining({ source: `/${spool}/links`, why: expect.stringContaining('symbolic link') }),
    )
    expect(told.jobs.filter(({ name }) => name === 'liar')).toMatchObject([{ last: null }])
  })
  await step.control('an ordinary one is read', async () =>
    expect(commandOf((await look()).told, 'calm')?.text).toBe('/bin/calm --to /srv'),
  )
  await step.row('a path that is asked for', () => refusalOnRecord())
})

attackCase('R1', 'secrets in the lines of a crontab', async (step) => {
  await step.attack('none leaves the agent', async () => {
    const { told, text } = await look()
    expect(text).not.toContain('CANARY')
    expect(commandOf(told, 'holder')?.masked).toBe(4)
  })
  await step.control('what is none is told as it stands', async () =>
    expect(commandOf((await look()).told, 'calm')).toMatchObject({ masked: 0, cut: false }),
  )
  await step.row('who asked for more', () => refusalOnRecord())
})

attackCase('V3', 'sequences for terminals, marks of direction and HTML in a line of a crontab', async (step) => {
  await step.attack('sequences are gone, and the rest is text', async () => {
    const text = commandOf((await look()).told, 'paint')?.text ?? ''
    expect(text).toContain('<img src=x onerror=alert(1)>')
    expect(text).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]|52;c/)
    expect(text.endsWith('end')).toBe(true)
  })
  await step.control('a plain line is as it was', async () =>
    expect(commandOf((await look()).told, 'calm')?.text).toBe('/bin/calm --to /srv'),
  )
  await step.row('a refused call', () => refusalOnRecord())
})

attackCase('L3', 'a crontab with thousands of lines, one of them endless', async (step) => {
  await step.attack('the answer stays small, and says how many are left out', async () => {
    const { told, text } = await look()
    expect(told.jobs.length).toBeLessThanOrEqual(500)
    expect((told as unknown as { left: number }).left).toBeGreaterThan(1_000)
    expect(text.length).toBeLessThan(400_000)
  })
  await step.control('the others are among what is told', async () => expect(commandOf((await look()).told, 'calm')).toBeDefined())
  await step.row('a refused call', () => refusalOnRecord())
})
