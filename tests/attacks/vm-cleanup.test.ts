import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { attackCase } from '@console/testkit/attack'
import { until } from '@console/testkit/daemon-harness'
import { canonical, type Plain } from '@console/verbs/canonical'
import { afterAll, beforeAll, beforeEach, expect } from 'vitest'
import { type Answer, type Attacker, openAttacker } from './scripts-attacker.ts'

type Plan = {
  readonly plan: Record<string, Plain> & { readonly planId: string; readonly items: { readonly path: string }[] }
  readonly digest: string
}
type Receipt = { readonly digest: string; readonly state: string; readonly kinds: { readonly removed: number }[] }

const withinMs = 120_000
let it: Attacker
let root: string
const debs = 'var/cache/apt/archives'

/** A file that a cleanup may take. */
const plant = (name: string): string => {
  const path = join(root, debs, name)
  writeFileSync(path, 'x')
  utimesSync(path, 1_700_000_000, 1_700_000_000)
  return path
}
const plan = async (): Promise<Plan> => (await it.kit.ask('vm.cleanup.plan', {})).body as unknown as Plan
const grant = (digest: string, verb = 'vm.cleanup.run', over = {}): string => it.kit.grant(verb, digest, over)
const run = (digest: unknown, shown?: string, more: object = {}): Promise<Answer> =>
  it.call('vm.cleanup.run', { digest, ...more }, { as: 'admin', ...(shown !== undefined && { headers: { 'x-grant': shown } }) })
const code = ({ status, body }: Answer): string => `${status} ${body.code}`
const ended = (digest: string) =>
  until(
    'the cleanup ends',
    async () => {
      const { items } = (await it.kit.ask('vm.cleanup.list', {}, 'service')).body as unknown as { items: Receipt[] }
      return items.find((one) => one.digest === digest && one.state !== 'running')
    },
    withinMs,
  )
/** The control of most cases: somebody looks at a plan, confirms it, and it is carried out. */
const works = async (): Promise<void> => {
  it.kit.nextPerson()
  const path = plant('control.deb')
  const { digest } = await plan()
  expect((await run(digest, grant(digest))).status).toBe(200)
  await ended(digest)
  expect(existsSync(path)).toBe(false)
}
const onRecord = async (answers: readonly Answer[], outcome = 'denied') => {
  for (const { requestId, body } of answers)
    expect((await it.rows(requestId)).at(-1)).toMatchObject({ action: 'vm.cleanup.run', outcome, code: body.code })
}

beforeAll(async () => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'vm-attacks-')))
  mkdirSync(join(root, debs), { recursive: true })
  mkdirSync(join(root, 'var/log'), { recursive: true })
  it = await openAttacker({ HOST_ROOT: root })
}, 60_000)
beforeEach(() => it.kit.nextPerson())
afterAll(async () => {
  await it?.place.remove()
  rmSync(root, { recursive: true, force: true })
}, 60_000)

attackCase(
  'G1',
  'a cleanup of the machine with an access token alone',
  async (step) => {
    const path = plant('kept.deb')
    const { digest } = await plan()
    const answers: Answer[] = []
    await step.attack('is refused, and nothing goes', async () => {
      answers.push(await run(digest))
      expect([code(answers[0] as Answer), existsSync(path)]).toEqual(['403 AUTH_GRANT_REQUIRED', true])
    })
    await step.row('the refusal', () => onRecord(answers))
    await step.control('the same with a confirmation', works)
  },
  withinMs,
)

attackCase(
  'G5',
  'a confirmation of another deed for the same digest, of another person, and of another plan',
  async (step) => {
    const path = plant('kept.deb')
    const { digest } = await plan()
    const answers: Answer[] = []
    await step.attack('none of them is one', async () => {
      answers.push(await run(digest, grant(digest, 'scripts.approve')))
      answers.push(await run(digest, grant(digest, 'vm.cleanup.run', { sub: 'somebody-else' })))
      answers.push(await run(digest, grant(digest, 'vm.cleanup.run', { sid: 'another-session' })))
      answers.push(await run(digest, grant('0'.repeat(64))))
      expect(answers.map(code)).toEqual(Array(4).fill('403 AUTH_GRANT_MISMATCH'))
      expect(existsSync(path)).toBe(true)
    })
    await step.row('each', () => onRecord(answers))
    await step.control('the right one', works)
  },
  withinMs,
)

attackCase(
  'G13',
  'the stored plan of a cleanup is edited: a path is added to it',
  async (step) => {
    plant('listed.deb')
    const victim = join(root, 'var/lib-keep')
    writeFileSync(victim, 'mine')
    const { digest } = await plan()
    const answers: Answer[] = []
    await step.attack('it is no longer the plan of that digest', async () => {
      const file = join(it.kit.dataDir, 'host-agent/vm-cleanup/plans', `${digest}.json`)
      const kept = JSON.parse(readFileSync(file, 'utf8')) as Plan
      kept.plan.items.push({ ...kept.plan.items[0], path: '/var/lib-keep' })
      writeFileSync(file, JSON.stringify(kept))
      answers.push(await run(digest, grant(digest)))
      expect([code(answers[0] as Answer), existsSync(victim)]).toEqual(['409 PLAN_NOT_FOUND', true])
    })
    await step.row('the attempt failed', () => onRecord(answers, 'failed'))
    await step.control('a plan as it was made', works)
  },
  withinMs,
)

attackCase(
  'G14',
  'a plan of a cleanup that was shown otherwise than it was made',
  async (step) => {
    plant('listed.deb')
    const { plan: made } = await plan()
    const digestOf = (value: Plain): string => createHash('sha256').update(canonical(value)).digest('hex')
    const answers: Answer[] = []
    await step.attack('is known to nobody, whatever was changed in it', async () => {
      const other = [
        { ...made, items: [] },
        { ...made, items: [...made.items, { ...made.items[0], path: '/etc/shadow' }] },
        { ...made, hostId: 'elsewhere' },
        { ...made, totalBytes: 0 },
        { ...made, script: { name: 'vm-cleanup.sh', sha256: '0'.repeat(64) } },
      ]
      for (const shown of other) {
        const digest = digestOf(shown as Plain)
        answers.push(await run(digest, grant(digest)))
      }
      expect(answers.map(code)).toEqual(other.map(() => '409 PLAN_NOT_FOUND'))
    })
    await step.row('each', () => onRecord(answers, 'failed'))
    await step.control('the order of its fields alone changes nothing', async () => {
      const turned = Object.fromEntries(Object.entries(made).reverse()) as Plain
      const digest = digestOf(turned)
      expect((await run(digest, grant(digest))).status).toBe(200)
      await ended(digest)
    })
  },
  withinMs,
)

attackCase(
  'G23',
  'one plan of a cleanup with two confirmations, one after the other and both at once',
  async (step) => {
    plant('once.deb')
    const { digest } = await plan()
    let late: Answer | undefined
    await step.attack('it is carried out once', async () => {
      const both = await Promise.all([run(digest, grant(digest)), run(digest, grant(digest))])
      expect(both.map(({ status }) => status).sort()).toEqual([200, 409])
      await ended(digest)
      late = await run(digest, grant(digest))
      expect(code(late)).toBe('409 PLAN_USED')
      const { items } = (await it.kit.ask('vm.cleanup.list', {}, 'service')).body as unknown as { items: Receipt[] }
      expect(items.filter((one) => one.digest === digest).length).toBe(1)
    })
    await step.row('the late one', () => onRecord([late as Answer], 'failed'))
    await step.control('another plan', works)
  },
  withinMs,
)

attackCase(
  'X1',
  'files whose names are code, options, or paths',
  async (step) => {
    const names = [
      '$(touch planted).deb',
      '`touch planted`.deb',
      ';touch planted;.deb',
      '-rf.deb',
      '--no-preserve-root.deb',
      '* .deb',
      '~.deb',
    ]
    const unnameable = ['two\nlines.deb', 'tab\there.deb', '\u001b[2J.deb', 'é.deb', '\u202egpj.deb']
    const paths = names.map(plant)
    const odd = unnameable.map(plant)
    writeFileSync(join(root, debs, 'bystander'), 'mine')
    const { plan: made, digest } = await plan()
    await step.attack('are taken by exactly their names, and those that cannot be written down stay', async () => {
      expect(made.items.map(({ path }) => path.slice(debs.length + 2)).sort()).toEqual([...names].sort())
      expect((await run(digest, grant(digest), { reason: '$(touch planted); `id`' })).status).toBe(200)
      const receipt = await ended(digest)
      expect(receipt.kinds.map(({ removed }) => removed)).toEqual([names.length])
      expect([...paths.filter(existsSync), ...odd.filter((path) => !existsSync(path))]).toEqual([])
      expect(readdirSync(join(root, debs)).includes('bystander')).toBe(true)
      for (const folder of [root, join(root, debs), it.kit.dataDir, '/']) expect(existsSync(join(folder, 'planted'))).toBe(false)
    })
    await step.row('the run, with its reason as it was given', async () => {
      const rows = (await it.desk.journal()).filter(({ target }) => target === digest)
      expect(rows.map(({ action, outcome }) => `${action} ${outcome}`)).toEqual(['vm.cleanup.run started', 'vm.cleanup.run done'])
      expect(rows[0]?.input).toMatchObject({ reason: '$(touch planted); `id`' })
    })
    await step.control('a plain name', works)
  },
  withinMs,
)

attackCase(
  'X4',
  'more than the verbs of the machine take',
  async (step) => {
    const answers: Answer[] = []
    await step.attack('each is refused by its name, before anything is looked at', async () => {
      const more: readonly (readonly [string, object])[] = [
        ['vm.health', { script: '/tmp/x.sh' }],
        ['vm.health', { args: ['--fix'] }],
        ['vm.log', { log: 'cleanup', path: '/etc/shadow' }],
        ['vm.cleanup.plan', { root: '/' }],
        ['vm.cleanup.run', { digest: '0'.repeat(64), items: [] }],
        ['vm.cleanup.run', { digest: '0'.repeat(64), root: '/' }],
        ['vm.cleanup.list', { folder: '/' }],
      ]
      for (const [verb, args] of more) answers.push(await it.call(verb, args, { as: 'admin' }))
      expect(answers.map(code)).toEqual(more.map(() => '400 INPUT_INVALID'))
    })
    await step.row('each', async () => {
      for (const { requestId } of answers)
        expect((await it.rows(requestId)).at(-1)).toMatchObject({ outcome: 'denied', code: 'INPUT_INVALID' })
    })
    await step.control('what they take', async () =>
      expect((await it.call('vm.log', { log: 'cleanup' }, { as: 'operator' })).status).toBe(200),
    )
  },
  withinMs,
)
