import { timeIsOver } from '@console/http-kit/bind'
import { AppError } from '@console/http-kit/problem'
import { describe, expect, it } from 'vitest'
import type { LogEvent } from '../../clients/docker-proxy.ts'
import { lineEvents, openAll } from './logs.ts'

const away = new AppError('DOCKER_ENGINE_AWAY', 503, 'Away.')
const at = '2026-03-01T12:00:00.000Z'
const line = (text: string): LogEvent => ({ at, stream: 'out', text })
async function* of(...events: LogEvent[]): AsyncIterable<LogEvent> {
  yield* events
}
async function* breaking(...events: LogEvent[]): AsyncIterable<LogEvent> {
  yield* events
  throw away
}
const all = async (events: AsyncIterable<unknown>) => {
  const seen: unknown[] = []
  for await (const event of events) seen.push(event)
  return seen
}

describe('the logs of several containers', () => {
  it('come as batches that name their container, and tell what was skipped and what ended', async () => {
    const sources = [{ name: 'a', stream: of(line('one'), { skipped: 3 }, line('two'), { ended: 'ended' }) }]
    expect(await all(lineEvents(sources, (ended) => ended))).toEqual([
      {
        event: 'lines',
        data: { items: [line('one'), line('two')].map((item) => ({ container: 'a', ...item })), skipped: 3 },
        id: `${Date.parse(at).toString(36)}.2`,
      },
      { event: 'ended', data: { container: 'a', reason: 'ended' } },
    ])
  })

  it('end as a stream whose time is over where the daemon ends them for that', async () => {
    const events = await all(lineEvents([{ name: 'a', stream: of(line('one'), { ended: 'time' }, line('two')) }], (ended) => ended))
    expect(events.at(-1)).toBe(timeIsOver)
    expect(events).toHaveLength(2)
  })

  it('go on when one of them breaks, which is told in its place', async () => {
    const sources = await openAll(['a', 'b'], async (name) => (name === 'a' ? breaking(line('one')) : of(line('two'), { ended: 'ended' })))
    const seen = JSON.stringify(await all(lineEvents(sources, (ended) => ended)))
    expect(seen).toContain('"two"')
    expect(seen).toContain('{"container":"a","reason":"DOCKER_ENGINE_AWAY"}')
  })

  it('go on when one of them cannot be opened, and are refused when none can', async () => {
    const open = async (name: string) => {
      if (name !== 'b') throw away
      return of(line('two'))
    }
    const sources = await openAll(['a', 'b'], open)
    const seen = JSON.stringify(await all(lineEvents(sources, (ended) => ended)))
    expect(seen).toContain('"two"')
    expect(seen).toContain('{"container":"a","reason":"DOCKER_ENGINE_AWAY"}')
    await expect(openAll(['a', 'c'], open)).rejects.toBe(away)
  })

  it('of a single container fail as a whole', async () => {
    await expect(all(lineEvents([{ name: 'a', stream: breaking(line('one')) }], (ended) => ended))).rejects.toBe(away)
  })
})
