import { randomBytes, randomUUID } from 'node:crypto'
import { connect } from 'node:net'
import { attackCase } from '@console/testkit/attack'
import { reportFigure, rounds } from '@console/testkit/deep'
import { type RunningParts, startParts } from '@console/testkit/running-parts'
import { startTestDaemon, type TestDaemon } from '@console/verb-kit/daemon.fake'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { type Confirmer, createConfirming } from './confirming.ts'

const atOnce = 10

describe('one confirmation, used by two backends at once', () => {
  let parts: RunningParts
  let desk: ReturnType<typeof createConfirming>
  beforeAll(async () => {
    parts = await startParts({ parts: ['platform-service', 'host-agent'] })
    parts.writeScript('hello', 'echo hello')
    desk = createConfirming(parts, 'hello')
  }, 120_000)
  afterAll(() => parts?.stop())

  /** Five calls on each of two connections that stay open, written before any answer is read. */
  const onTwoLines = async (who: Confirmer, digest: string, grant: string): Promise<number[]> => {
    const body = JSON.stringify({ digest })
    const head = [
      'POST /v1/scripts.approve HTTP/1.1',
      'host: daemon',
      'content-type: application/json',
      `authorization: ${desk.bearer(who)}`,
      `x-grant: ${grant}`,
      `content-length: ${body.length}`,
    ].join('\r\n')
    /** A refusal ends its connection: what stands behind it on the line is not answered. */
    const line = () =>
      new Promise<number[]>((resolve) => {
        let text = ''
        const socket = connect(parts.socketOf('host-agent'), () => socket.write(`${head}\r\n\r\n${body}`.repeat(5)))
        const statuses = () => [...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status))
        socket.on('error', () => undefined)
        socket.once('close', () => resolve(statuses()))
        socket.on('data', (bytes) => {
          text += bytes.toString('latin1')
          if (statuses().length === 5) socket.destroy()
        })
      })
    return (await Promise.all([line(), line()])).flat()
  }

  attackCase(
    'G4',
    'the same confirmation by two backends at once, again and again',
    async (it) => {
      const many = 20
      const seen = { used: 0, refused: 0, other: 0, twice: 0 }
      const before = desk.effects()
      await it.attack('each confirmation twice at once, over a connection each', async () => {
        for (let n = 0; n < many; n += atOnce)
          await Promise.all(
            Array.from({ length: atOnce }, async () => {
              const who = desk.somebody()
              const { digest } = await desk.plan(who)
              const shown = desk.grant(who, digest)
              const statuses = (await Promise.all([1, 2].map(() => desk.approve(who, digest, shown)))).map(({ status }) => status)
              const good = statuses.filter((status) => status === 200).length
              seen.used += good
              seen.refused += statuses.filter((status) => status === 409).length
              seen.other += statuses.filter((status) => status !== 200 && status !== 409).length
              if (good !== 1) seen.twice += 1
            }),
          )
        expect(seen).toEqual({ used: many, refused: many, other: 0, twice: 0 })
      })
      await it.attack('ten times on two lines that stay open', async () => {
        const who = desk.somebody()
        const { digest } = await desk.plan(who)
        const statuses = await onTwoLines(who, digest, desk.grant(who, digest, { jti: randomUUID() }))
        expect(statuses.sort()).toEqual([200, ...Array(statuses.length - 1).fill(409)])
        expect(statuses.length).toBeGreaterThan(1)
      })
      await it.control('another one', () => desk.works())
      await it.row('one effect for each', () => expect(desk.effects()).toBe(before + many + 2))
    },
    120_000,
  )
})

// host-agent lets 60 scripts be approved a minute: the big number is for the kit that both daemons are made of, over its own socket.
describe('ten thousand confirmations, each used twice at once', () => {
  let one: TestDaemon
  beforeAll(async () => {
    one = await startTestDaemon()
  }, 60_000)
  afterAll(() => one?.stop())

  attackCase('G4', 'the same confirmation twice at once, ten thousand times', async (it) => {
    const many = rounds({ test: 200, deep: 10_000 })
    const seen = new Map<string, number>()
    const useTwice = async (): Promise<void> => {
      one.kit.nextPerson()
      const digest = randomBytes(32).toString('hex')
      const grant = one.kit.grant('things.remove', digest)
      const answers = await Promise.all([1, 2].map(() => one.kit.ask('things.remove', { digest }, 'admin', grant)))
      const outcome = answers.map(({ status, body }) => `${status} ${body.code ?? ''}`.trim()).sort()
      seen.set(outcome.join(', '), (seen.get(outcome.join(', ')) ?? 0) + 1)
    }
    await it.attack('one of the two is carried out', async () => {
      for (let n = 0; n < many; n += atOnce) await Promise.all(Array.from({ length: atOnce }, useTwice))
      expect(Object.fromEntries(seen)).toEqual({ '200, 409 AUTH_GRANT_USED': many })
      reportFigure('confirmations, each used twice at once', many)
      reportFigure('effects', one.removed.length)
      reportFigure('plans carried out twice', one.removed.length - new Set(one.removed).size)
      expect(new Set(one.removed).size).toBe(one.removed.length)
    })
    await it.control('each has its one effect', () => expect(one.removed.length).toBe(many))
    await it.row('an intent and an outcome each', async () => {
      const { rows } = await one.daemon.journal.read({ order: 'desc', limit: 1_000, filter: { action: 'things.remove' } })
      const done = rows.filter(({ outcome }) => outcome === 'done')
      expect(done.length).toBeGreaterThan(Math.min(many, 200) / 2)
      expect(new Set(done.map(({ of }) => of)).size).toBe(done.length)
    })
  })
})
