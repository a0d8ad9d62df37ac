import { setTimeout as pause } from 'node:timers/promises'
import { attackCase } from '@console/testkit/attack'
import type { Answer } from '@console/testkit/browser'
import { rounds } from '@console/testkit/deep'
import { good, type People, type Person, peopleOf } from '@console/testkit/people'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { type HostileConsole, logLines, startHostileConsole } from './hostile-console.ts'

const minute = 60_000
const seed = 20_260_101
/** The outcome of a download is written when its last byte has left, which may be after its reader has it. */
const eventually = <T>(look: () => Promise<T>) => expect.poll(look, { timeout: 15_000 })

describe('what leaves the console as a file', () => {
  let hostile: HostileConsole
  let people: People
  let admin: Person
  let operator: Person

  beforeAll(async () => {
    hostile = await startHostileConsole()
    const { devopsApi, platformApi, devopsWeb, setupToken } = hostile.running
    people = peopleOf({ devopsPort: portOf(devopsApi), platformPort: portOf(platformApi), origin: devopsWeb })
    admin = await people.setUp(setupToken)
    operator = await people.invite(admin, 'operator')
  }, 3 * minute)
  afterAll(() => hostile?.stop(), minute)

  /** Asks again when the limit for one person says so: many lines are many downloads. */
  const get = async (person: Person, path: string): Promise<Answer> => {
    for (;;) {
      const answer = await person.devops.get(path)
      if (answer.status !== 429) return answer
      await pause(Number(answer.headers['retry-after'] ?? 1) * 1_000)
    }
  }
  const download = async (person: Person, name: string, raw = false): Promise<string> =>
    good(await get(person, `/vm/containers/${name}/logs/export${raw ? '/raw' : ''}?tail=5000`), 200).text
  /** The texts of a download, without time and stream. */
  const texts = (file: string): string[] =>
    file
      .split('\n')
      .slice(0, -1)
      .map((line) => line.split(' ').slice(2).join(' '))
  const rows = async (action: string) =>
    good(await get(admin, `/audit?limit=500&action=${action}`), 200).body.items as unknown as {
      action: string
      target: string
      outcome: string
      actor: { name: string }
    }[]
  const appears = async (container: string): Promise<void> =>
    expect.poll(async () => (await get(admin, `/vm/containers/${container}/logs/export`)).status, { timeout: 90_000 }).toBe(200)

  attackCase(
    'V7',
    'a sequence means the same wherever its bytes are cut in two',
    async (it) => {
      const pieces = [
        '\u001b[31m',
        '\u001b]0;title\u0007',
        '\u001b]8;;javascript:x\u001b\\',
        '\u009b1m',
        '\u001bPq\u001b\\',
        'é',
        '日',
        '😀',
        'text',
        '\r',
        '\u202e',
        '\u001b[',
        '\u001b]',
      ]
      const lines = fc.sample(fc.array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 5 }), {
        numRuns: rounds({ test: 12, deep: 400 }),
        seed,
      })
      await it.attack('each line, cut at every byte', async () => {
        for (const [at, line] of lines.entries()) {
          const bytes = logLines(line.join(''))
          const frames = Array.from({ length: bytes.length + 1 }, (_, cut) => [bytes.subarray(0, cut), bytes.subarray(cut)]).flat()
          const name = hostile.container(`cut-${at}`, frames)
          await appears(name)
          const got = texts(await download(admin, name))
          expect([line, got.length, new Set(got).size]).toEqual([line, bytes.length + 1, 1])
        }
      })
      await it.control('in one piece', async () => {
        const name = hostile.container('whole', [logLines('a\u001b[31mb\u001b]0;t\u0007c')])
        await appears(name)
        expect(texts(await download(admin, name))).toEqual(['abc'])
      })
      await it.row('each download is on record', () =>
        eventually(
          async () =>
            (await rows('vm.containerLog.export')).filter(({ outcome, target }) => outcome === 'done' && target === 'whole').length,
        ).toBeGreaterThan(0),
      )
    },
    3 * minute,
  )

  attackCase(
    'V9',
    'no cell of an export is a formula',
    async (it) => {
      const names = ['=HYPERLINK("http://evil.example")', '+1+1', '-1+1', '@SUM(1)']
      const csv = async (): Promise<string> => good(await get(admin, '/audit/export'), 200).text
      await it.attack('people named after formulas', async () => {
        for (const [at, name] of names.entries()) {
          const made = good(
            await admin.platform.post('/invites', {
              email: `f${at}@example.net`,
              memberships: [{ productId: 'bytelyst-devops', role: 'operator' }],
            }),
            201,
          )
          const person = people.stranger()
          const token = String(made.body.link).split('#')[1]
          good(await person.platform.post('/invites/accept', { token, name, password: 'cobalt meadow violin anchor' }), 201)
          good(await person.devops.get('/csrf-token'), 200)
          good(await person.devops.get('/audit/export'), 200)
        }
        const file = await csv()
        const cells = file.split(/[,\r\n]/).filter((cell) => cell !== '')
        expect(cells.filter((cell) => /^"?[=+\-@\t]/.test(cell))).toEqual([])
        for (const name of names) expect(file).toContain(`'${name.replaceAll('"', '""')}`)
      })
      await it.control('an ordinary name stands as it is', async () => expect(await csv()).toContain(',First Admin,'))
      await it.row('each export is on record', () =>
        eventually(async () =>
          (await rows('audit.row.export')).filter(({ outcome }) => outcome === 'done').map(({ actor }) => actor.name),
        ).toEqual(expect.arrayContaining(names)),
      )
    },
    2 * minute,
  )

  attackCase(
    'V10',
    'a downloaded log is safe to show in a terminal; the bytes as they were need the role admin',
    async (it) => {
      const evil = 'a\u001b]0;owned\u0007b\u001b[2Jc\rd\u009b31me\u202ef'
      await it.attack('the copy that everybody gets', async () => {
        hostile.container('evil', [logLines(evil)])
        await appears('evil')
        const file = await download(operator, 'evil')
        expect(texts(file)).toEqual(['abc␍de⁇f'])
        expect(file).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e]/)
      })
      await it.attack('the bytes, by an operator', async () =>
        expect((await operator.devops.get('/vm/containers/evil/logs/export/raw')).status).toBe(403),
      )
      await it.control('the bytes, by an admin', async () => expect(texts(await download(admin, 'evil', true))).toEqual([evil]))
      await it.row('the copy, the refusal and the bytes are on record', () =>
        eventually(async () =>
          (await rows('vm.containerLog.export'))
            .filter(({ target }) => target === 'evil')
            .map(({ action, outcome }) => `${action} ${outcome}`),
        ).toEqual(
          expect.arrayContaining(['vm.containerLog.export done', 'vm.containerLog.exportRaw denied', 'vm.containerLog.exportRaw done']),
        ),
      )
    },
    2 * minute,
  )
})

function portOf(url: string): number {
  return Number(new URL(url).port)
}
