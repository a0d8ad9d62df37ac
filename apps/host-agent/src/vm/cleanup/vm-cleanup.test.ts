import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { appendFileSync, closeSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Found, parseFound, planLines, type VmCleanupPlan } from './make-plan.ts'
import { goes, type PlantedTree, plantAll, plantTree, stays } from './planted-tree.fake.ts'

const script = join(import.meta.dirname, '../../../../../vm/vm-cleanup.sh')
const inAYear = String(Math.floor(Date.now() / 1_000) + 366 * 86_400)
let tree: PlantedTree

const bash = (...args: string[]) => spawnSync('/bin/bash', [script, ...args], { encoding: 'utf8', timeout: 100_000 })
const found = (...more: string[]): Found => parseFound(bash('--plan', '--json', '--root', tree.root, ...more).stdout)
const paths = ({ items }: Found): string[] => items.map(({ path }) => path).sort()
const why = ({ kept }: Found): string[] => kept.map(({ kind, why: because, count }) => `${kind} ${because} ${count}`).sort()
/** Carries out what was found, and answers a word for each path. */
const run = (plan: Found, ...more: string[]): Record<string, string> => {
  writeFileSync(join(tree.root, 'plan.tsv'), planLines({ items: plan.items } as VmCleanupPlan))
  const { stdout } = bash('--run', join(tree.root, 'plan.tsv'), '--root', tree.root, ...more)
  return wordsOf(plan, stdout)
}
function wordsOf(plan: Found, stdout: string): Record<string, string> {
  const words = [...stdout.matchAll(/^item ([0-9]+) (removed|gone|kept|failed) [0-9]+ ([a-z-]+)$/gm)]
  return Object.fromEntries(
    words.map(([, at, word, because]) => [plan.items[Number(at)]?.path, because === '-' ? word : `${word} ${because}`]),
  )
}

beforeEach(() => {
  tree = plantTree()
  plantAll(tree)
})
afterEach(() => tree.remove())

describe('vm-cleanup.sh', () => {
  it('plans what lies in its five places and is old, and says why the rest of them stays', () => {
    const plan = found()
    expect(paths(plan)).toEqual([...goes].sort())
    expect(why(plan)).toEqual(['logs linked 1', 'logs recent 1', 'logs unnameable 2'])
    expect(plan.items.find(({ path }) => path === '/var/log/syslog.1')).toMatchObject({ kind: 'logs', sizeBytes: expect.any(Number) })
    for (const path of goes) expect(tree.isThere(path)).toBe(true)
  }, 120_000)

  it('removes exactly what was planned, and says so in its log', () => {
    const plan = found()
    tree.write('/var/log/later.log.1', { daysOld: 400 })
    expect(run(plan)).toEqual(Object.fromEntries(goes.map((path) => [path, 'removed'])))
    for (const path of goes) expect([path, tree.isThere(path)]).toEqual([path, false])
    for (const path of [...stays, '/var/log/later.log.1', '/var/log/link.gz', '/var/log/twin.gz', '/var/log/fresh.log.1'])
      expect([path, tree.isThere(path)]).toEqual([path, true])
    expect(readFileSync(join(tree.root, 'var/log/vm-cleanup.log'), 'utf8')).toMatch(
      /Z ok removed 5 of 5 planned, [0-9]+ bytes freed, 0 could not/,
    )
    expect(Object.values(run(plan))).toEqual(goes.map(() => 'gone'))
  }, 120_000)

  it('keeps what changed after the plan, and what the plan names without being asked for', () => {
    const plan = found()
    const [deb = '', , gz = '', log = '', crash = ''] = goes
    appendFileSync(join(tree.root, gz), 'more')
    rmSync(join(tree.root, log))
    tree.write(log, { daysOld: 400 })
    rmSync(join(tree.root, crash))
    symlinkSync(join(tree.root, 'etc/shadow.old'), join(tree.root, crash))
    const invented = { ...plan.items[0], path: '/etc/shadow.old' } as Found['items'][number]
    const results = run({ ...plan, items: [...plan.items, invented] })
    expect([results[deb], results[gz], results[log], results[crash]]).toEqual(['removed', 'kept recent', 'kept changed', 'kept changed'])
    expect([results['/etc/shadow.old'], tree.isThere('/etc/shadow.old'), tree.isThere(crash)]).toEqual(['kept changed', true, true])
  }, 120_000)

  it('goes through no folder that was put in the place of another', () => {
    const plan = found()
    renameSync(join(tree.root, 'var/log/nginx'), join(tree.root, 'aside'))
    mkdirSync(join(tree.root, 'victim'))
    execFileSync('cp', ['-p', join(tree.root, 'aside/access.log.2.gz'), join(tree.root, 'victim')])
    symlinkSync(join(tree.root, 'victim'), join(tree.root, 'var/log/nginx'))
    expect(run(plan)['/var/log/nginx/access.log.2.gz']).toBe('kept changed')
    expect(tree.isThere('/victim/access.log.2.gz')).toBe(true)
  }, 120_000)

  it('takes the oldest archived journals until the rest fits, and none that is written', () => {
    for (const [at, days] of [3, 30, 20, 10].entries())
      tree.write(`/var/log/journal/m1/system@${at}.journal`, { daysOld: days, bytes: 50_000 })
    expect(paths(found()).filter((path) => path.includes('journal'))).toEqual([])
    const plan = found('--journal-kib', '120')
    expect(paths(plan).filter((path) => path.includes('journal'))).toEqual([
      '/var/log/journal/m1/system@1.journal',
      '/var/log/journal/m1/system@2.journal',
    ])
    expect(why(plan)).toContain('journals limit 2')
  }, 120_000)

  it('takes temporary things that nobody touched for long, whole, and nothing that is open, special or new inside', () => {
    for (const path of ['/tmp/old.txt', '/tmp/dir/inner/a', '/tmp/systemd-private-1/x', '/tmp/open.txt', '/tmp/busy/in', '/var/tmp/b'])
      tree.write(path)
    execFileSync('mkfifo', [join(tree.root, 'tmp/pipe')])
    tree.write('/tmp/piped/a')
    tree.write('/tmp/odd/x\nf\t1\t8\t1\t1\t1\t1\t1\t1\tforged')
    tree.write('/tmp/tab\tbed')
    execFileSync('mkfifo', [join(tree.root, 'tmp/piped/pipe')])
    symlinkSync(join(tree.root, 'etc'), join(tree.root, 'tmp/link'))
    symlinkSync(join(tree.root, 'etc'), join(tree.root, 'tmp/dir/inner/link'))
    const [one, two] = [openSync(join(tree.root, 'tmp/open.txt'), 'r'), openSync(join(tree.root, 'tmp/busy/in'), 'r')]
    try {
      expect(paths(found()).filter((path) => path.includes('tmp'))).toEqual([])
      const plan = found('--now', inAYear)
      expect(paths(plan).filter((path) => path.includes('tmp'))).toEqual(['/tmp/dir', '/tmp/old.txt', '/var/tmp/b'])
      expect(why(plan)).toContain('temporary in-use 2')
      expect(why(plan)).toContain('temporary special 6')
      const results = run(plan, '--now', inAYear)
      expect([results['/tmp/dir'], results['/tmp/old.txt'], results['/var/tmp/b']]).toEqual(['removed', 'removed', 'removed'])
      expect([tree.isThere('/etc/shadow.old'), tree.isThere('/tmp/dir'), tree.isThere('/tmp/busy/in')]).toEqual([true, false, true])
    } finally {
      closeSync(one)
      closeSync(two)
    }
  }, 120_000)

  it('keeps a temporary folder into which something was put after the plan', () => {
    tree.write('/tmp/dir/a')
    const plan = found('--now', inAYear)
    tree.write('/tmp/dir/b')
    expect(run(plan, '--now', inAYear)['/tmp/dir']).toBe('kept changed')
    expect(tree.isThere('/tmp/dir/a')).toBe(true)
  }, 120_000)

  it('keeps what changes between its own look and the deed', async () => {
    tree.write('/tmp/dir/a')
    const plan = found('--now', inAYear)
    const [deb = ''] = goes
    // Its plan comes through a pipe: it opens that when it has looked at everything.
    const fifo = join(tree.root, 'plan.fifo')
    execFileSync('mkfifo', [fifo])
    const child = spawn('/bin/bash', [script, '--run', fifo, '--root', tree.root, '--now', inAYear], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const printed = text(child.stdout)
    const pipe = await open(fifo, 'w')
    writeFileSync(join(tree.root, deb), 'y'.repeat(5_000))
    tree.write('/tmp/dir/b')
    await pipe.writeFile(planLines({ items: plan.items } as VmCleanupPlan))
    await pipe.close()
    const words = wordsOf(plan, await printed)
    expect([words[deb], words['/tmp/dir'], words['/var/log/syslog.1']]).toEqual(['kept changed', 'kept changed', 'removed'])
    expect([tree.isThere(deb), tree.isThere('/tmp/dir/b')]).toEqual([true, true])
  }, 120_000)

  it('removes nothing when it is called in a way that it does not know', () => {
    for (const args of [[], ['--run'], ['--plan', '--apply'], ['--root', 'var'], ['--json'], ['--force'], ['--run', '/nonexistent']]) {
      const { status, stdout } = bash(...args)
      expect([args, status, stdout]).toEqual([args, 2, ''])
    }
    expect(goes.every(tree.isThere)).toBe(true)
  }, 60_000)
})
