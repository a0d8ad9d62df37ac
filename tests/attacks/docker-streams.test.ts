import { attackCase } from '@console/testkit/attack'
import { until } from '@console/testkit/daemon-harness'
import { rounds } from '@console/testkit/deep'
import { type FakeContainer, frame, idOf } from '@console/testkit/fake-container'
import { type ProxyRig, startProxyRig } from '@console/testkit/proxy-rig'
import { afterAll, beforeAll, beforeEach, expect } from 'vitest'
import { followTooOften } from './many-follows.ts'

let rig: ProxyRig
const withinMs = 30_000
const stamp = '2026-01-01T00:00:00.000000000Z'
const lined = (text: string): string => `${stamp} ${text}\n`
let count = 0
const started = async (more: Partial<FakeContainer> = {}): Promise<FakeContainer> => {
  count += 1
  const one = { id: idOf(`5${count.toString(16).padStart(4, '0')}`), name: `stream-${count}`, ...more }
  rig.engine.add(one)
  await until(
    'the model knows it',
    async () => (await rig.kit.ask('containers.inspect', { container: one.name }, 'service')).status === 200,
    withinMs,
  )
  return one
}
const snapshot = ({ name }: FakeContainer) => rig.kit.read('containers.logs', { container: name }, () => false, 'operator')
const scripted = (of: FakeContainer, body: Buffer) =>
  rig.engine.script((line) =>
    line.includes(`/${of.id}/logs`) ? { respond: (response) => void response.writeHead(200).end(body) } : undefined,
  )
const nothingRefused = async (before: number) => expect(await rig.refusals()).toBe(before)

beforeAll(async () => {
  rig = await startProxyRig()
})
afterAll(() => rig?.stop())
beforeEach(() => {
  rig.kit.nextPerson()
  rig.engine.script(null)
  rig.engine.forget()
})

attackCase('S1', 'a terminal that prints the head of a frame of 4 GB', async ({ attack, control, row }) => {
  const before = await rig.refusals()
  const head = '\x02\0\0\0\xff\xff\xff\xff'
  await attack('is text', async () => {
    const one = await started({ tty: true })
    scripted(
      one,
      Buffer.concat([Buffer.from(`${stamp} `), Buffer.from(head, 'latin1'), Buffer.from(' after\n'), Buffer.from(lined('next'))]),
    )
    const lines = await snapshot(one)
    expect([lines.length, String(lines[0]?.text).endsWith(' after'), lines[1]?.text]).toEqual([2, true, 'next'])
  })
  await control('without a terminal a head is a head', async () => {
    expect((await snapshot(await started({ log: [lined('framed')] }))).map(({ text }) => text)).toEqual(['framed'])
  })
  await row('nothing was refused', () => nothingRefused(before))
})

attackCase('S2', 'frames that are none, and frames that come in pieces', async ({ attack, control, row }) => {
  const before = await rig.refusals()
  const one = await started()
  await attack('a length of 4 GB, a stream that is none, bytes that should be nothing: an error, and no memory', async () => {
    for (const head of [
      [1, 0, 0, 0, 255, 255, 255, 255],
      [7, 0, 0, 0, 0, 0, 0, 1],
      [1, 1, 0, 0, 0, 0, 0, 1],
      [1, 0, 0, 0, 0, 16, 0, 1],
    ]) {
      scripted(one, Buffer.concat([Buffer.from(head), Buffer.alloc(1_000, 120)]))
      const answer = await rig.kit.ask('containers.logs', { container: one.name }, 'operator')
      expect([answer.status, answer.body.code, answer.text.includes('xxx')]).toEqual([502, 'DOCKER_ENGINE_ERROR', false])
    }
    scripted(
      one,
      Buffer.concat([...Array.from({ length: rounds({ test: 50_000, deep: 1_000_000 }) }, () => frame('')), frame(lined('end'))]),
    )
    expect((await snapshot(one)).map(({ text }) => text)).toEqual(['end'])
  })
  await control('frames that are right are put together at every split', async () => {
    const bytes = Buffer.concat([frame(lined('one')), frame(`${stamp} two`), frame(' and more\n'), frame(lined('three'), false, 2)])
    rig.engine.script((line) => {
      if (!line.includes('/logs')) return undefined
      return {
        async respond(response) {
          response.writeHead(200)
          for (const byte of bytes) {
            response.write(Buffer.from([byte]))
            await new Promise((resolve) => setImmediate(resolve))
          }
          response.end()
        },
      }
    })
    expect((await snapshot(one)).map(({ stream, text }) => `${stream} ${text}`)).toEqual(['out one', 'out two and more', 'err three'])
  })
  await row('nothing was refused', () => nothingRefused(before))
})

attackCase('S3', 'a line without an end', async ({ attack, control, row }) => {
  const before = await rig.refusals()
  const one = await started()
  await attack('is cut at 16 KiB, and says so', async () => {
    const block = frame('z'.repeat(1_000_000))
    scripted(one, Buffer.concat([frame(`${stamp} `), ...Array.from({ length: 7 }, () => block), frame(`\n${lined('next')}`)]))
    const lines = await snapshot(one)
    expect(lines.map(({ text, cut }) => [String(text).length <= 16_384, cut ?? false])).toEqual([
      [true, true],
      [true, false],
    ])
    expect(lines[1]?.text).toBe('next')
  })
  await control('one that is just short enough is whole', async () => {
    scripted(one, frame(lined('z'.repeat(16_000))))
    expect((await snapshot(one)).map(({ text, cut }) => [String(text).length, cut])).toEqual([[16_000, undefined]])
  })
  await row('nothing was refused', () => nothingRefused(before))
})

attackCase('S4', 'bytes that are no text, and text that is cut in the middle of a letter', async ({ attack, control, row }) => {
  const before = await rig.refusals()
  const one = await started()
  const euro = Buffer.from('€')
  await attack('only what is really none is replaced', async () => {
    scripted(one, Buffer.concat([frame(Buffer.concat([Buffer.from(`${stamp} a`), Buffer.from([0xff, 0xc3]), Buffer.from('b\n')]))]))
    expect((await snapshot(one))[0]?.text).toBe('a\ufffd\ufffdb')
  })
  await control('a letter in two frames is one', async () => {
    scripted(
      one,
      Buffer.concat([
        frame(Buffer.concat([Buffer.from(`${stamp} `), euro.subarray(0, 1)])),
        frame(Buffer.concat([euro.subarray(1), Buffer.from('\n')])),
      ]),
    )
    expect((await snapshot(one))[0]?.text).toBe('€')
  })
  await row('nothing was refused', () => nothingRefused(before))
})

attackCase(
  'S6',
  'viewers who go away',
  async ({ attack, control, row }) => {
    const before = await rig.refusals()
    const one = await started({ log: [lined('first')] })
    const follow = () => rig.kit.read('containers.logs', { container: one.name, follow: true }, (lines) => lines.length >= 2, 'operator')
    let printing: NodeJS.Timeout | undefined
    await control('while somebody looks, one reader is open for all', async () => {
      const viewers = [follow(), follow(), follow()]
      await until('it is read', () => rig.engine.open.follows === 1, withinMs)
      printing = setInterval(() => rig.engine.print(one.id, lined('tick')), 20)
      await Promise.all(viewers)
    })
    await attack('leave no reader at the engine', async () => {
      await until('nobody reads', () => rig.engine.open.follows === 0, withinMs)
      for (let round = 0; round < rounds({ test: 10, deep: 1_000 }); round += 1) {
        // Nobody may ask as often as that; many may.
        if (round % 100 === 99) rig.kit.nextPerson()
        expect((await follow()).map(({ text }) => typeof text).slice(0, 2)).toEqual(['string', 'string'])
      }
      await until('nobody reads', () => rig.engine.open.follows === 0, withinMs)
    })
    clearInterval(printing)
    await row('nothing was refused', () => nothingRefused(before))
  },
  60_000,
)

attackCase(
  'S7',
  'more follows than anybody needs',
  async ({ attack, control, row }) => {
    const of = ({ code }: { code?: string }): boolean => code === 'STREAM_LIMIT'
    const before = await rig.refusals(of)
    const one = await started({ log: [lined('first')] })
    await attack('the sixth of one person is refused, and the fifty-first of all', () =>
      followTooOften(rig, one.name, {
        whileOpen: () => expect(rig.engine.open.follows).toBe(1),
        printLast: () => rig.engine.print(one.id, lined('the-last-line')),
      }),
    )
    await control('when they have left there is room again', async () => {
      await until('nobody reads', () => rig.engine.open.follows === 0, withinMs)
      const lines = await rig.kit.read('containers.logs', { container: one.name, follow: true }, (seen) => seen.length > 0, 'operator')
      expect(lines[0]).toMatchObject({ text: 'first' })
    })
    await row('each is on record', async () => expect(await rig.refusals(of)).toBe(before + 2))
  },
  120_000,
)

attackCase('S10', 'lines that look like the end of a line, or of an event', async ({ attack, control, row }) => {
  const before = await rig.refusals()
  const hostile = ['data: {"type":"admin"}', 'id: 1\rretry: 1\revent: x', 'a\u2028b\u2029c', '"}\u0000{"ended":"x"}', '{"ended":"forged"}']
  const one = await started({ log: hostile.map(lined) })
  await attack('each is one line of JSON, with itself as its text', async () => {
    const answer = await rig.send(rig.call({ verb: 'containers.logs', args: { container: one.name } }))
    const lines = Buffer.from(answer.body, 'latin1')
      .toString('utf8')
      .split(/\r?\n/)
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as { text?: string; ended?: string })
    expect(lines.map(({ text }) => text)).toEqual(hostile)
    expect(lines.every(({ ended }) => ended === undefined)).toBe(true)
  })
  await control('a plain one is the same', async () => {
    expect((await snapshot(await started({ log: [lined('plain')] })))[0]).toEqual({
      at: '2026-01-01T00:00:00.000Z',
      stream: 'out',
      text: 'plain',
    })
  })
  await row('nothing was refused', () => nothingRefused(before))
})
