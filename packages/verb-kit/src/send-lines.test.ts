import type { ServerResponse } from 'node:http'
import { Writable } from 'node:stream'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { until } from '@console/testkit/daemon-harness'
import { describe, expect, it } from 'vitest'
import { startTestDaemon, type TestDaemon } from './daemon.fake.ts'
import { DaemonError } from './problem.ts'
import { sendLines } from './send-lines.ts'

const kinds = async (onWatch: Parameters<typeof startTestDaemon>[0], body: (test: TestDaemon) => Promise<void>): Promise<void> => {
  const test = await startTestDaemon(onWatch)
  try {
    await body(test)
  } finally {
    await test.stop()
  }
}
const later = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

describe('a stream of a daemon', () => {
  it.each([
    [
      'while it is opened, however late',
      async () => later(500).then(() => Promise.reject(new DaemonError('DOCKER_ENGINE_AWAY', 503, 'Away.'))),
    ],
    [
      'before its first line',
      () =>
        (async function* (): AsyncIterable<object> {
          yield await Promise.reject<object>(new DaemonError('DOCKER_ENGINE_AWAY', 503, 'Away.'))
        })(),
    ],
  ])('answers the problem, not an empty stream, when it fails %s', async (_, onWatch) => {
    await kinds({ onWatch }, async ({ kit, logged }) => {
      const answer = await kit.ask('things.watch', {}, 'viewer')
      expect([answer.status, answer.body.code]).toEqual([503, 'DOCKER_ENGINE_AWAY'])
      // It was expected, so it is no error of the daemon's own.
      expect(logged.filter((line) => line.includes('"error"'))).toEqual([])
    })
  })

  it('ends when its time is over, with what to go on from, and gives its place back', async () => {
    let left = 0
    const onWatch = (ctx: { signal: AbortSignal }): AsyncIterable<object> =>
      (async function* () {
        try {
          yield { seq: 41 }
          yield { seq: 42 }
          await new Promise((resolve) => ctx.signal.addEventListener('abort', resolve))
        } finally {
          left += 1
        }
      })()
    await kinds({ onWatch, limits: { streamMinutes: 0.005, followsPerActor: 1 } }, async ({ kit }) => {
      for (const round of [1, 2]) {
        const lines = await kit.read('things.watch', {}, () => false, 'viewer')
        expect(lines).toEqual([{ seq: 41 }, { seq: 42 }, { ended: 'time', cursor: 42 }])
        await until('the source has been left', () => left === round, 15_000)
      }
    })
  }, 60_000)

  it('goes on for the backend itself, which reads for everybody', async () => {
    const onWatch = (): AsyncIterable<object> =>
      (async function* () {
        yield { seq: 1 }
        await later(1_000)
        yield { seq: 2 }
      })()
    await kinds({ onWatch, limits: { streamMinutes: 0.002 } }, async ({ kit }) => {
      expect(await kit.read('things.watch', {}, () => false, 'service')).toEqual([{ seq: 1 }, { seq: 2 }])
    })
  })

  it('keeps nothing of the events that it has sent', async () => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const response = Object.assign(new Writable({ write: (_chunk, _encoding, done) => done() }), {
      writeHead: () => response,
      flushHeaders: () => undefined,
      headersSent: true,
    }) as unknown as ServerResponse
    const heap: number[] = []
    const measure = (): void => {
      collect()
      heap.push(process.memoryUsage().heapUsed)
    }
    async function* source(): AsyncIterable<object> {
      for (let seq = 0; seq < 200_000; seq += 1) {
        if (seq === 1_000) measure()
        yield { seq }
      }
      measure()
    }
    const signal = new AbortController().signal
    await sendLines({ response, source: source(), signal, requestId: 'r', mostMs: 60_000, log: () => undefined })
    expect(heap.length).toBe(2)
    expect((heap[1] ?? Number.POSITIVE_INFINITY) - (heap[0] ?? 0)).toBeLessThan(8 * 1024 * 1024)
  }, 60_000)
})

describe('a limit per object', () => {
  const away = new DaemonError('DOCKER_ENGINE_AWAY', 503, 'Away.', { untouched: true })

  it('does not count an attempt that reached nothing', async () => {
    let there = false
    const onTouch = async (): Promise<void> => {
      if (!there) throw away
    }
    await kinds({ onTouch }, async ({ kit, touched }) => {
      for (let round = 0; round < 5; round += 1)
        expect((await kit.ask('things.touch', { container: 'a' }, 'operator')).body.code).toBe('DOCKER_ENGINE_AWAY')
      there = true
      const answers = []
      for (let round = 0; round < 4; round += 1) answers.push((await kit.ask('things.touch', { container: 'a' }, 'operator')).status)
      expect(answers).toEqual([200, 200, 200, 429])
      expect(touched).toEqual(['a', 'a', 'a'])
    })
  })

  it('counts one that failed after it reached something', async () => {
    const onTouch = async (): Promise<void> => {
      throw new DaemonError('DOCKER_ENGINE_ERROR', 502, 'It could not.')
    }
    await kinds({ onTouch }, async ({ kit }) => {
      const answers = []
      for (let round = 0; round < 4; round += 1) answers.push((await kit.ask('things.touch', { container: 'a' }, 'operator')).status)
      expect(answers).toEqual([502, 502, 502, 429])
    })
  })
})
