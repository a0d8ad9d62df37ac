import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '@console/testkit/daemon-harness'
import { frame, idOf } from '@console/testkit/fake-container'
import { type RecordingEngine, startRecordingEngine } from '@console/testkit/recording-engine'
import { written } from '@console/verb-kit/send-lines'
import { textsOf } from '@console/verb-kit/written-lines'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createEngine } from './engine.ts'
import { createFollows, type FollowEvent, type Follows, markedOrNot } from './follows.ts'

const id = idOf('a1')
const withinMs = 20_000
const stamp = '2026-01-01T00:00:00.000000000Z'

type Told = { text: string } | { skipped: number } | { ended: string }

/** What a follower is told, line by line; where blocks end is left out. */
async function* oneByOne(source: AsyncIterable<FollowEvent>): AsyncIterable<Told> {
  for await (const event of source) {
    if (written in event) for (const text of textsOf([event])) yield JSON.parse(text) as Told
    else if (!('mark' in event)) yield event
  }
}

describe('followers of a log', () => {
  let dir: string
  let fake: RecordingEngine
  let follows: Follows
  const open = async (tail = 10) => {
    const stop = new AbortController()
    const source = await follows.follow(id, false, { tail, since: null }, stop.signal)
    return { stop, read: oneByOne(source)[Symbol.asyncIterator]() }
  }
  const texts = async (read: AsyncIterator<Told>, count: number): Promise<string[]> => {
    const found: string[] = []
    while (found.length < count) {
      const { value } = await read.next()
      found.push('text' in value ? value.text : JSON.stringify(value))
    }
    return found
  }

  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'follows-'))
    fake = await startRecordingEngine({ socketPath: join(dir, 'engine.sock') })
    fake.containers.set(id, { id, name: 'alpha', log: [`${stamp} one\n`, `${stamp} two\n`] })
    follows = createFollows({ engine: createEngine(fake.socketPath), prefix: () => '/v1.41' })
  })
  afterEach(async () => {
    await fake.stop()
    rmSync(dir, { recursive: true, force: true })
  })

  it('share one reader of the engine, each with the last lines first', async () => {
    const first = await open()
    expect(await texts(first.read, 2)).toEqual(['one', 'two'])
    const second = await open(1)
    expect(await texts(second.read, 1)).toEqual(['two'])
    fake.print(id, `${stamp} three\n`)
    for (const { read } of [first, second]) expect(await texts(read, 1)).toEqual(['three'])
    expect(fake.requests.length).toBe(1)
    first.stop.abort()
    expect(fake.open.follows).toBe(1)
    second.stop.abort()
    await until('the engine is left', () => fake.open.follows === 0, withinMs)
    expect(follows.readers).toBe(0)
  })

  it('who come late get their whole tail, also what the shared reader never had', async () => {
    const stampOf = (n: number): string => `2026-01-01T00:00:00.${String(n).padStart(9, '0')}Z`
    const older = Array.from({ length: 5 }, (_, n) => `${stampOf(n)} old ${n}\n`)
    fake.script((line) => {
      const tail = Number(/[?&]tail=(\d+)/.exec(line)?.[1])
      fake.containers.set(id, { id, name: 'alpha', log: older.slice(-tail) })
      return undefined
    })
    const first = await open(1)
    expect(await texts(first.read, 1)).toEqual(['old 4'])
    fake.print(id, `${stampOf(9)} new\n`)
    expect(await texts(first.read, 1)).toEqual(['new'])
    const late = await open(4)
    older.push(`${stampOf(9)} new\n`)
    expect(await texts(late.read, 4)).toEqual(['old 2', 'old 3', 'old 4', 'new'])
    const others = fake.requests.filter(({ line }) => line.includes('follow=1'))
    expect(others).toHaveLength(1)
    fake.print(id, `${stampOf(10)} last\n`)
    for (const { read, stop } of [first, late]) {
      expect(await texts(read, 1)).toEqual(['last'])
      stop.abort()
    }
  })

  it('who come before the shared reader has given anything get each line once, and no mark while they are ahead of it', async () => {
    const line = (n: number): string => `2026-01-01T00:00:00.${String(n).padStart(9, '0')}Z line ${n}\n`
    fake.script((request) => {
      fake.containers.set(id, { id, name: 'alpha', log: request.includes('follow=1') ? [] : [1, 2, 3, 4].map(line) })
      return undefined
    })
    const first = await open(1)
    const stop = new AbortController()
    const late = await follows.follow(id, false, { tail: 3, since: null }, stop.signal)
    const [read, seen] = [late[Symbol.asyncIterator](), [] as string[]]
    const next = async (): Promise<void> => {
      const { value } = (await read.next()) as { value: FollowEvent }
      const lines = written in value ? textsOf([value]).map((text) => (JSON.parse(text) as { text: string }).text) : []
      seen.push([...lines, 'mark' in value ? `mark ${value.mark.split('.')[1]}` : 'no mark'].join(', '))
    }
    await next()
    fake.print(id, line(3))
    expect(await texts(first.read, 1)).toEqual(['line 3'])
    fake.print(id, `${line(4)}${line(5)}`)
    expect(await texts(first.read, 2)).toEqual(['line 4', 'line 5'])
    await next()
    fake.print(id, line(6))
    await next()
    expect(seen).toEqual(['line 2, line 3, line 4, no mark', 'line 5, mark 2', 'line 6, mark 3'])
    for (const one of [first.stop, stop]) one.abort()
  })

  it.each([
    { who: 'a shorter tail', tail: 2, since: null, first: ['line 5', 'line 6'] },
    { who: 'a longer tail', tail: 9, since: null, first: ['line 1', 'line 2', 'line 3', 'line 4', 'line 5', 'line 6'] },
    { who: 'a later time', tail: 10, since: Date.parse('2026-01-01T00:00:05Z') / 1_000, first: ['line 5', 'line 6'] },
    { who: 'a time that nothing is of yet', tail: 10, since: Date.parse('2026-01-01T00:00:07Z') / 1_000, first: [] },
  ])(
    'who come before the shared reader has given anything, with $who than it was asked for, get each line once',
    async ({ tail, since, first }) => {
      const line = (n: number): string => `2026-01-01T00:00:0${n}.000000000Z line ${n}\n`
      const six = [1, 2, 3, 4, 5, 6].map(line)
      fake.script((request) => {
        const kept = first.length === 0 ? [] : six.slice(-first.length)
        fake.containers.set(id, { id, name: 'alpha', log: request.includes('follow=1') ? [] : kept })
        return undefined
      })
      const reader = await open(6)
      const stop = new AbortController()
      const late = oneByOne(await follows.follow(id, false, { tail, since }, stop.signal))[Symbol.asyncIterator]()
      expect(await texts(late, first.length)).toEqual(first)
      // What the reader was asked for comes only now, in two pieces, and in the second already what is new to both.
      fake.print(id, six.slice(0, 5).join(''))
      expect(await texts(reader.read, 5)).toHaveLength(5)
      fake.print(id, `${six[5]}${line(7)}`)
      expect(await texts(reader.read, 2)).toEqual(['line 6', 'line 7'])
      fake.print(id, line(8))
      expect(await texts(late, 2)).toEqual(['line 7', 'line 8'])
      for (const one of [reader.stop, stop]) one.abort()
    },
  )

  it('who ask for a time that nothing is of yet stand at no mark until they are told something', async () => {
    // At a mark they would go over to what the reader gives after it, which begins with what is too old for them.
    fake.containers.set(id, { id, name: 'alpha', log: [] })
    const reader = await open(6)
    const stop = new AbortController()
    const since = Date.parse('2026-01-01T00:00:07Z') / 1_000
    const late = (await follows.follow(id, false, { tail: 10, since }, stop.signal))[Symbol.asyncIterator]()
    fake.print(id, '2026-01-01T00:00:01.000000000Z old\n')
    expect(await texts(reader.read, 1)).toEqual(['old'])
    fake.print(id, '2026-01-01T00:00:08.000000000Z new\n')
    const { value: first } = (await late.next()) as { value: FollowEvent }
    expect(written in first && textsOf([first]).map((text) => (JSON.parse(text) as { text: string }).text)).toEqual(['new'])
    for (const one of [reader.stop, stop]) one.abort()
  })

  it('meet at marks that count what the shared reader gave', async () => {
    const marks = async (source: AsyncIterable<FollowEvent>, count: number): Promise<string[]> => {
      const found: string[] = []
      for await (const event of source) {
        const text = written in event ? event[written].toString() : JSON.stringify(event)
        found.push(...(/"mark":"[0-9a-f]+\.\d+"/.exec(text)?.slice(0, 1) ?? []))
        if (found.length === count) break
      }
      return found
    }
    const [one, two] = [new AbortController(), new AbortController()]
    const from = { tail: 10, since: null }
    const first = markedOrNot(await follows.follow(id, false, from, one.signal), true)
    const seen = await marks(first, 2)
    expect(seen.map((mark) => /\.(\d+)/.exec(mark)?.[1])).toEqual(['0', '1'])
    const keep = await follows.follow(id, false, from, two.signal)
    const third = markedOrNot(await follows.follow(id, false, from, one.signal), true)
    fake.print(id, `${stamp} three\n`)
    const again = await marks(third, 2)
    expect(new Set([...seen, ...again].map((mark) => mark.split('.')[0])).size).toBeLessThanOrEqual(2)
    expect(Number(/\.(\d+)/.exec(again[1] ?? '')?.[1])).toBe(Number(/\.(\d+)/.exec(again[0] ?? '')?.[1]) + 1)
    for (const stop of [one, two]) stop.abort()
    expect(keep).toBeDefined()
  })

  it('are refused, all of them, when the engine refuses; and the next one asks again', async () => {
    fake.script(() => ({ status: 500, body: { message: 'canary' } }))
    const answers = await Promise.allSettled([open(), open()])
    expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(follows.readers).toBe(0)
    fake.script(null)
    const { read, stop } = await open()
    expect(await texts(read, 1)).toEqual(['one'])
    stop.abort()
  })

  it('are told how it ended, and the next one begins anew', async () => {
    const ended = await open()
    await texts(ended.read, 2)
    await fake.stop()
    expect(await texts(ended.read, 1)).toEqual(['{"ended":"lost"}'])
    expect((await ended.read.next()).done).toBe(true)
    expect(follows.readers).toBe(0)
  })

  it('who went away while the log was opened leave nothing behind', async () => {
    const held = Promise.withResolvers<undefined>()
    fake.script(() => held.promise)
    const stop = new AbortController()
    const opening = follows.follow(id, false, { tail: 1, since: null }, stop.signal).catch(() => null)
    await until('it was asked', () => fake.requests.length === 1, withinMs)
    stop.abort()
    held.resolve(undefined)
    await opening
    expect(follows.readers).toBe(0)
    await until('the engine is left', () => fake.open.follows === 0, withinMs)
  })

  it('who are slow lose lines and are told how many; the quick lose none', async () => {
    const slow = await open()
    const quick = await open()
    const many = 12_000
    const block = frame(Array.from({ length: 1_000 }, (_, at) => `${stamp} ${at}\n`).join(''))
    let seen = 0
    const reading = (async () => {
      while (seen < many) {
        const { value } = await quick.read.next()
        expect(value).not.toHaveProperty('skipped')
        if ('text' in value && /^[0-9]+$/.test(value.text)) seen += 1
      }
    })()
    for (let count = 0; count < many / 1_000; count += 1) {
      fake.print(id, block)
      await until('the quick one has them', () => seen >= (count + 1) * 1_000, withinMs)
    }
    await reading
    const { value } = await slow.read.next()
    expect((value as { skipped: number }).skipped).toBeGreaterThan(many - 5_500)
    const rest: Told[] = []
    while (rest.length < many + 2 - (value as { skipped: number }).skipped) rest.push((await slow.read.next()).value)
    expect(rest.at(-1)).toMatchObject({ text: '999' })
    for (const { stop } of [slow, quick]) stop.abort()
  }, 60_000)

  it('who are alone and slow lose nothing: the engine waits', async () => {
    const { read, stop } = await open()
    const lines = 40_000
    const block = Buffer.concat(Array.from({ length: lines }, (_, at) => frame(`${stamp} ${at}\n`)))
    fake.print(id, block)
    const found = await texts(read, lines + 2)
    expect(found.slice(2).every((text, at) => text === String(at))).toBe(true)
    stop.abort()
  }, 60_000)
})
