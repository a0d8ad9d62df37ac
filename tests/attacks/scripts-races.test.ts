import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { attackCase } from '@console/testkit/attack'
import { until } from '@console/testkit/daemon-harness'
import { reportFigure, rounds } from '@console/testkit/deep'
import { swapper } from '@console/testkit/swapper'
import { afterAll, beforeAll, beforeEach, expect } from 'vitest'
import { type Attacker, openAttacker, runIdOf } from './scripts-attacker.ts'

let it: Attacker
const inRoot = (name: string): string => join(it.place.scripts, name)
const refusals = ['SCRIPT_CHANGED', 'SCRIPT_REFUSED', 'SCRIPT_NOT_FOUND', 'refused']

/** What each of so many tries came to: the code of a refusal, or everything that the script said. */
const tries = async (scriptId: string, count: number): Promise<{ outcomes: string[]; last: string }> => {
  const outcomes: string[] = []
  let last = ''
  for (let n = 0; n < count; n += 1) {
    const answer = await it.start(scriptId)
    last = answer.status === 200 ? last : answer.requestId
    if (answer.status !== 200) outcomes.push(String(answer.body.code))
    else {
      const run = await it.desk.ended(runIdOf(answer))
      outcomes.push(run.state === 'exited' ? (await it.desk.lines(run.runId)).map(({ text }) => text).join() : run.state)
    }
  }
  return { outcomes, last }
}

beforeAll(async () => {
  it = await openAttacker()
}, 60_000)
beforeEach(() => it.kit.nextPerson())
afterAll(() => it?.place.remove(), 60_000)

attackCase(
  'H2',
  'a link to another script is swapped in while a run is started',
  async (step) => {
    const path = await it.approved('h2', 'echo good')
    writeFileSync(join(it.kit.dataDir, 'evil.sh'), '#!/bin/bash\necho evil\n', { mode: 0o755 })
    it.place.bash('ln -s "$1/evil.sh" "$2.link"', it.kit.dataDir, path)
    const swapping = swapper(path, `${path}.link`)
    let refused = ''
    await step.attack('what runs is what was approved, or nothing', async () => {
      const { outcomes, last } = await tries('h2', rounds({ test: 15, deep: 2_000 })).finally(() => swapping.kill('SIGKILL'))
      expect(outcomes.filter((one) => one !== 'good' && !refusals.includes(one))).toEqual([])
      refused = last
    })
    await step.control('the file itself, and then the link at rest', async () => {
      it.place.bash('cd "$1"; rm -f h2.sh h2.sh.away; printf "#!/bin/bash\\necho good\\n" >h2.sh; chmod 755 h2.sh', it.place.scripts)
      expect((await tries('h2', 1)).outcomes).toEqual(['good'])
      it.place.bash('ln -sf "$1/evil.sh" "$2"', it.kit.dataDir, path)
      const { outcomes, last } = await tries('h2', 1)
      expect(outcomes).toEqual(['SCRIPT_REFUSED'])
      refused = last
    })
    await step.row('a refusal with its code', async () => {
      expect((await it.rows(refused)).at(-1)).toMatchObject({ action: 'runs.start', outcome: 'failed', code: 'SCRIPT_REFUSED' })
    })
  },
  120_000,
)

attackCase(
  'H4',
  'the content is replaced between the check and the run, and while the shell reads',
  async (step) => {
    const path = await it.approved('h4', 'echo good')
    const slow = await it.approved('slow', 'echo one; read -t 60 <fifo; echo two')
    const good = readFileSync(slow, 'utf8')
    let runId = ''
    await step.attack('by a rename: what runs is what was approved, or nothing', async () => {
      writeFileSync(`${path}.evil`, '#!/bin/bash\necho evil\n', { mode: 0o755 })
      const swapping = swapper(path, `${path}.evil`)
      const { outcomes } = await tries('h4', rounds({ test: 15, deep: 2_000 })).finally(() => swapping.kill('SIGKILL'))
      expect(outcomes.filter((one) => one !== 'good' && !refusals.includes(one))).toEqual([])
    })
    await step.attack('in place, while the shell is in the middle of it', async () => {
      it.place.bash('mkfifo "$1/fifo"', it.place.scripts)
      runId = runIdOf(await it.start('slow'))
      await it.desk.wrote(runId, 1)
      writeFileSync(slow, good.replace('echo two', 'echo evil'))
      it.place.bash('echo go >"$1/fifo"', it.place.scripts)
      expect(await it.desk.ended(runId)).toMatchObject({ exitCode: 0 })
      expect((await it.desk.lines(runId)).map(({ text }) => text)).toEqual(['one', 'two'])
    })
    await step.row('the hash of what ran', async () => {
      const { createHash } = await import('node:crypto')
      const begin = (await it.rows(runId)).find(({ action }) => action === 'runs.begin')
      expect(begin?.details?.scriptSha256).toBe(createHash('sha256').update(good).digest('hex'))
    })
    await step.control('the other text, once it is approved', async () => {
      await it.desk.approve('slow')
      const other = runIdOf(await it.start('slow'))
      await it.desk.wrote(other, 1)
      it.place.bash('echo go >"$1/fifo"', it.place.scripts)
      await it.desk.ended(other)
      expect((await it.desk.lines(other)).map(({ text }) => text)).toEqual(['one', 'evil'])
    })
  },
  120_000,
)

attackCase(
  'X12',
  'a folder is swapped with a link to one outside while scripts are shown',
  async (step) => {
    const outside = join(it.kit.dataDir, 'outside')
    for (const folder of [outside, inRoot('sub')]) mkdirSync(folder, { mode: 0o755 })
    writeFileSync(inRoot('sub/x.sh'), 'echo good\n', { mode: 0o755 })
    writeFileSync(join(outside, 'x.sh'), 'echo evil\n', { mode: 0o755 })
    it.place.bash('ln -s "$1" "$2.link"', outside, inRoot('sub'))
    const seen = { good: 0, refused: 0 }
    let escapes = 0
    const show = async () => {
      it.kit.nextPerson()
      const { status, text } = await it.call('scripts.plan', { scriptId: 'sub-x' })
      if (text.includes('echo evil') || status >= 500) escapes += 1
      seen[status === 200 ? 'good' : 'refused'] += 1
    }
    await step.attack('the text outside is never shown', async () => {
      const swapping = swapper(inRoot('sub'), `${inRoot('sub')}.link`)
      const least = rounds({ test: 150, deep: 40_000 })
      try {
        for (let n = 0; n < least || ((seen.good === 0 || seen.refused === 0) && n < 20 * least); n += 1) await show()
      } finally {
        swapping.kill('SIGKILL')
      }
      reportFigure('swap races of a folder, shown texts', seen.good + seen.refused)
      expect([escapes, seen.good > 0, seen.refused > 0]).toEqual([0, true, true])
    })
    await step.control('the folder at rest', async () => {
      it.place.bash('cd "$1"; [ ! -d sub.away ] || { rm -f sub; mv sub.away sub; }; test -d sub -a ! -L sub', it.place.scripts)
      await until('it is shown', async () => (await it.call('scripts.plan', { scriptId: 'sub-x' })).status === 200, 45_000)
    })
    await step.row('that a swapped folder was not run either', async () => {
      await it.desk.approve('sub-x')
      cpSync(inRoot('sub'), join(outside, 'copy'), { recursive: true })
      it.place.bash('mv "$1/sub" "$1/sub.real"; ln -s "$2/copy" "$1/sub"', it.place.scripts, outside)
      const answer = await it.start('sub-x')
      expect(answer).toMatchObject({ status: 403, body: { code: 'SCRIPT_REFUSED' } })
      expect((await it.rows(answer.requestId)).at(-1)).toMatchObject({ outcome: 'failed', code: 'SCRIPT_REFUSED' })
    })
  },
  120_000,
)
