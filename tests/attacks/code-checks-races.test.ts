import type { ChildProcess } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type AgentPlace, openLocalPlace } from '@console/testkit/agent-place'
import { attackCase } from '@console/testkit/attack'
import { rounds } from '@console/testkit/deep'
import { describeNeeding } from '@console/testkit/needs'
import { swapper } from '@console/testkit/swapper'
import { afterAll, beforeAll, beforeEach, expect } from 'vitest'
import { openCodeDesk } from './code-desk.ts'

const minute = 60_000

describeNeeding('contained', 'a project that is swapped while it is checked', () => {
  let place: AgentPlace
  let code: ReturnType<typeof openCodeDesk>
  let base: string
  let roots: string
  let swapping: ChildProcess[] = []
  const swap = (what: string, target: string): void => {
    symlinkSync(target, `${what}.link`)
    swapping.push(swapper(what, `${what}.link`))
  }
  const atRest = async (what: string): Promise<void> => {
    await Promise.all(swapping.map((one) => new Promise((resolve) => one.once('exit', resolve).kill('SIGKILL'))))
    swapping = []
    place.bash('[ ! -e "$1.away" ] || { rm -f "$1"; mv "$1.away" "$1"; }; [ -L "$1" ] || exit 0; rm "$1"; mv "$1.link" "$1"', what)
  }

  beforeAll(async () => {
    base = realpathSync(mkdtempSync(join(tmpdir(), 'code-races-')))
    chmodSync(base, 0o755)
    roots = join(base, 'allowed')
    for (const folder of ['allowed', 'outside/project']) mkdirSync(join(base, folder), { recursive: true })
    writeFileSync(join(base, 'outside/project/package.json'), JSON.stringify({ name: 'evil', scripts: { lint: 'echo evil' } }))
    place = await openLocalPlace({ CODE_ROOTS: roots, CODE_ACCOUNT: 'nobody' })
    code = openCodeDesk(place, roots)
    await place.start()
  }, minute)
  beforeEach(() => place.kit.nextPerson())
  afterAll(async () => {
    for (const one of swapping) one.kill('SIGKILL')
    await place?.remove()
    rmSync(base, { recursive: true, force: true })
  }, minute)

  attackCase(
    'X12',
    'a project is swapped with a link to another one outside',
    async (it) => {
      const path = code.project('swapped', { lint: 'echo good' })
      let refused = 0
      await it.attack('what runs is what lies below the root, or nothing', async () => {
        swap(path, join(base, 'outside/project'))
        const least = rounds({ test: 3, deep: 300 })
        let ran = 0
        for (let tries = 0; (ran < least || refused === 0) && tries < 40 * least; tries += 1) {
          const answer = await code.ask(path)
          if (answer.status !== 200) {
            expect(code.codeOf(answer)).toEqual([403, 'CODE_PROJECT_REFUSED'])
            refused += 1
            continue
          }
          ran += 1
          const { runId } = (answer.body as unknown as { run: { runId: string } }).run
          await code.desk.ended(runId, minute)
          expect(await code.textsOf(runId)).not.toContain('evil')
        }
        expect([ran >= least, refused > 0]).toEqual([true, true])
      })
      await it.control('the project at rest', async () => {
        await atRest(path)
        expect((await code.through(path)).text).toContain('good')
      })
      await it.row('each refusal, with its code', async () => {
        const rows = (await code.desk.journal()).filter(({ action, outcome }) => action === 'code.check' && outcome === 'failed')
        expect(rows.map((row) => row.code)).toEqual(Array(refused).fill('CODE_PROJECT_REFUSED'))
      })
    },
    3 * minute,
  )
})
