import { until } from '@console/testkit/daemon-harness'
import { isDeep, reportFigure, rounds } from '@console/testkit/deep'
import { frame } from '@console/testkit/fake-container'
import { peakMiB, residentMiB } from '@console/testkit/process-facts'
import { signAccessToken } from '@console/tokens/access-token'
import { afterEach, expect } from 'vitest'
import { atRealEngines } from './at-real-engines.ts'
import { type LogFollower, startFollower } from './log-follower.ts'
import { followTooOften } from './many-follows.ts'

const withinMs = 60_000
/** The head of a frame of a log, as an engine writes it before a line with its time. */
const frameHead = /[\x01\x02]\0\0\0[\s\S]{4}(?=20[0-9]{2}-)/

atRealEngines('streams of docker-proxy', ({ what, rig, attackCase, nothingRefused }) => {
  afterEach(() => rig.relay.alter(null))

  const callOf = (container: string) => rig.call({ verb: 'containers.logs', args: { container, follow: true } })
  const open = (id: string) => rig.relay.open(`${id}/logs`)
  /** Prints once it is told to, so that whoever looks on is there before. */
  const runWaiting = async (name: string, script: string) => {
    const id = await rig.run(name, [], 'bash', '-c', `until [ -e /tmp/go ]; do sleep 0.05; done; ${script}; sleep 600`)
    return { id, go: () => rig.docker('exec', id, 'touch', '/tmp/go') }
  }

  attackCase(
    'S2',
    'frames of a log that somebody changes on their way, or hands on in pieces',
    async ({ attack, control, row }) => {
      const before = await rig.refusals()
      const id = await rig.run('frames', [], 'bash', '-c', 'echo one; echo two >&2; printf three; echo; sleep 600')
      const read = async () => {
        const lines = await rig.kit.read('containers.logs', { container: id }, () => false, 'operator')
        return lines.map(({ stream, text }) => `${stream} ${text}`).sort()
      }
      const whole = ['err two', 'out one', 'out three']
      await until('it has printed', async () => (await read()).length === 3, withinMs)
      /** Changes the first head of a frame in the next answer with this log, in however many pieces it comes, and counts how often. */
      let changed = 0
      const changing = (become: (head: string) => string) => {
        let isChanged = false
        rig.relay.alter((asked, piece) => {
          const text = piece.toString('latin1')
          if (isChanged || !asked.includes(`${id}/logs`) || !frameHead.test(text)) return [piece]
          isChanged = true
          changed += 1
          return [Buffer.from(text.replace(frameHead, become), 'latin1')]
        })
      }
      await attack('a length of 4 GB, a stream that is none, bytes that should be nothing: an error, and no line', async () => {
        const heads = [
          (head: string) => `${head.slice(0, 4)}\xff\xff\xff\xff`,
          (head: string) => `\x07${head.slice(1)}`,
          (head: string) => `\x01\x01${head.slice(2)}`,
          (head: string) => `${head.slice(0, 4)}\0\x10\0\x01`,
        ]
        for (const head of heads) {
          changing(head)
          // Where the engine is slow the answer has begun by then, and ends with the error.
          const { text } = await rig.kit.ask('containers.logs', { container: id }, 'operator')
          expect([text.includes('DOCKER_ENGINE_ERROR'), /one|two|three/.test(text)]).toEqual([true, false])
        }
        expect(changed).toBe(heads.length)
      })
      await attack('frames of nothing, however many, are passed over', async () => {
        const nothing = Buffer.alloc(8 * rounds({ test: 50_000, deep: 1_000_000 }), frame('')).toString('latin1')
        rig.relay.alter((asked, piece) => {
          const text = piece.toString('latin1')
          // As a piece of HTTP of its own, before the one with the first line.
          const at = asked.includes(`${id}/logs`) ? text.search(/[0-9a-f]+\r\n[\x01\x02]\0\0\0[\s\S]{4}20[0-9]{2}-/) : -1
          if (at < 0) return [piece]
          changed += 1
          return [piece.subarray(0, at), Buffer.from(`${nothing.length.toString(16)}\r\n${nothing}\r\n`, 'latin1'), piece.subarray(at)]
        })
        const earlier = changed
        expect(await read()).toEqual(whole)
        expect(changed).toBeGreaterThan(earlier)
      })
      await control('as they are, though byte by byte, they are put together', async () => {
        rig.relay.alter(async function* (asked, piece) {
          if (!asked.includes(`${id}/logs`)) return yield piece
          for (const byte of piece) {
            yield Buffer.from([byte])
            await new Promise((resolve) => setImmediate(resolve))
          }
        })
        expect(await read()).toEqual(whole)
      })
      await row('nothing was refused', () => nothingRefused(before))
    },
    120_000,
  )

  attackCase(
    'S5',
    'a log that is written faster than anybody reads it',
    async ({ attack, control, row }) => {
      const before = await rig.refusals()
      const pid = rig.program.child.pid ?? 0
      const count = rounds({ test: 20_000, deep: 600_000 })
      let pouredBytes = 0
      rig.relay.alter((asked, piece) => {
        if (asked.includes('/logs?')) pouredBytes += piece.length
        return [piece]
      })
      const flood = async (name: string) => {
        pouredBytes = 0
        return runWaiting(name, `seq -f "%.0f ${'x'.repeat(400)}" 0 ${count - 1}`)
      }
      const ends = (one: LogFollower) =>
        until('it has all', () => one.seen.next === count, isDeep ? 600_000 : withinMs).catch((error: Error) => {
          throw new Error(`${error.message}: ${JSON.stringify(one.seen)} of ${count}, after ${pouredBytes} bytes`)
        })
      const follow = async (id: string, pace: 'fast' | 'slow') => {
        const one = startFollower(rig.kit.socketPath, callOf(id), pace)
        await until('it is read', () => open(id) === 1, withinMs)
        return one
      }
      const warm = await flood('flood-warm')
      const first = await follow(warm.id, 'fast')
      warm.go()
      await ends(first)
      const wholeBytes = pouredBytes
      first.leave()
      const idle = residentMiB(pid)

      await attack('one slow reader alone makes it wait, and nothing piles up', async () => {
        const { id, go } = await flood('flood-alone')
        const slow = await follow(id, 'slow')
        go()
        let last = -1
        let still = 0
        await until(
          'the engine waits',
          async () => {
            still = pouredBytes === last && last > 0 ? still + 1 : 0
            last = pouredBytes
            await new Promise((resolve) => setTimeout(resolve, 200))
            return still >= 5
          },
          withinMs,
        )
        expect(pouredBytes).toBeLessThan(wholeBytes / 2)
        slow.hurry()
        await ends(slow)
        expect(slow.seen.wrong).toBe(0)
        slow.leave()
      })
      await attack('beside a fast one, it loses lines and is told how many; the fast one loses none', async () => {
        const { id, go } = await flood('flood-beside')
        const fast = await follow(id, 'fast')
        const slow = await follow(id, 'slow')
        const began = performance.now()
        go()
        await ends(fast)
        reportFigure(
          `${what}: lines a second of one who reads beside a stalled one`,
          Math.round((count / (performance.now() - began)) * 1_000),
        )
        expect(fast.seen).toMatchObject({ lines: count, skipped: 0, wrong: 0 })
        slow.hurry()
        await ends(slow)
        expect(slow.seen.wrong).toBe(0)
        expect(slow.seen.skipped).toBeGreaterThan(1_000)
        for (const one of [fast, slow]) one.leave()
      })
      await control('memory is what it was', () => {
        const grown = Math.round(Math.max(peakMiB(pid), residentMiB(pid)) - idle)
        reportFigure(`${what}: memory that a flood of lines took, MiB`, grown)
        expect(grown).toBeLessThan(isDeep ? 32 : 64)
      })
      await row('nothing was refused', () => nothingRefused(before))
    },
    180_000,
  )

  attackCase(
    'S7',
    'more follows than anybody needs',
    async ({ attack, control, row }) => {
      const of = ({ code }: { readonly code?: string }): boolean => code === 'STREAM_LIMIT'
      const before = await rig.refusals(of)
      const { id, go } = await runWaiting('followed', 'echo the-last-line')
      await attack('the sixth of one person is refused, and the fifty-first of all; the engine has one reader', () =>
        followTooOften(rig, id, { whileOpen: () => expect(open(id)).toBe(1), printLast: go }),
      )
      await control('when they have left there is room again', async () => {
        await until('nobody reads', () => open(id) === 0, withinMs)
        const lines = await rig.kit.read('containers.logs', { container: id, follow: true }, (seen) => seen.length > 0, 'operator')
        expect(lines[0]).toMatchObject({ text: 'the-last-line' })
      })
      await row('each is on record', () => rig.refusedSince(before, 2, of))
    },
    120_000,
  )

  attackCase(
    'S8',
    'an access token that ends while its log is followed',
    async ({ attack, control, row }) => {
      const of = ({ code }: { readonly code?: string }): boolean => code?.startsWith('AUTH_') ?? false
      const before = await rig.refusals(of)
      const id = await rig.run('outlived', [], 'bash', '-c', 'for n in {0..600}; do echo "$n"; sleep 0.1; done')
      // Clocks may differ by five seconds: of these two are left.
      const endedAt = Date.now() - 3_000
      const claims = {
        iss: 'https://api.test',
        sub: 'brief',
        sid: 'brief',
        aud: rig.kit.productId,
        auth_time: 1,
        amr: ['pwd'],
        role: 'operator',
        plan: 'pro',
      } as const
      const token = signAccessToken(rig.kit.tokenKey, claims, { nowMs: endedAt - 1_000, lifetimeSec: 1 })
      const call = rig.call({
        verb: 'containers.logs',
        args: { container: id, follow: true },
        headers: { authorization: `Bearer ${token}` },
      })
      const reader = startFollower(rig.kit.socketPath, call, 'fast')
      await until('it reads', () => reader.seen.lines > 0, withinMs)
      await attack('opens nothing any more', async () => {
        const ended = async () => (await rig.send(call, { enough: (text) => text.includes('\r\n\r\n') })).status === 401
        await until('it is over', ended, withinMs)
      })
      await control('what it had opened goes on', async () => {
        const { lines } = reader.seen
        await until('it reads on', () => reader.seen.lines > lines + 3, withinMs)
        expect(reader.seen).toMatchObject({ wrong: 0, skipped: 0, ended: '' })
        reader.leave()
      })
      await row('it is on record', () => rig.refusedSince(before, 1, of))
    },
    120_000,
  )
})
