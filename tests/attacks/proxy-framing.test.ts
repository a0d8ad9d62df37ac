import { attackCase } from '@console/testkit/attack'
import { measured, type ProxyRig, startProxyRig } from '@console/testkit/proxy-rig'
import { afterAll, beforeAll, beforeEach, expect } from 'vitest'
import { body, type Call, chunked, chunks, refusedBy } from './refused-calls.ts'

let rig: ProxyRig
beforeAll(async () => {
  rig = await startProxyRig()
})
afterAll(() => rig?.stop())
beforeEach(() => {
  rig.kit.nextPerson()
  rig.engine.forget()
})
const refused = refusedBy(() => rig)

/** Behind each refused request another stands that would be served. */
const smuggling = (way: Call): string => `${rig.call(way)}${rig.call()}`
refused('P10', 'lengths that can be read in two ways, with a request behind', [400], () =>
  [
    { headers: { ...chunked, 'Content-Length': '5' }, body: chunks(body) },
    { headers: { 'Content-Length': '3' } },
    { headers: { 'Content-Length': String(body.length) } },
    { headers: { 'content-length': `+${body.length}` } },
    { headers: { 'content-length': '0x15' } },
    { headers: { 'content-length': `${body.length},${body.length}` } },
    { headers: { 'content-length': `${body.length}, ${body.length}` } },
    { headers: { 'content-length': `-${body.length}` } },
    { headers: { 'content-length': '' } },
  ].map(smuggling),
)
refused('P11', 'transfer codings that are not plainly chunked, with a request behind', [400], () =>
  [
    ...['xchunked', 'chunked, identity', 'identity, chunked', 'gzip, chunked', 'chunked, chunked', '"chunked"', 'identity', ''].map(
      (coding) => ({ 'content-length': null, 'transfer-encoding': coding }),
    ),
    { 'content-length': null, 'transfer-encoding ': 'chunked' },
    { 'content-length': null, 'transfer-encoding': '\r\n chunked' },
    { 'content-length': null, 'transfer-encoding': 'chunked\r\n x' },
    { ...chunked, 'Transfer-Encoding': 'chunked' },
  ].map((one) => smuggling({ headers: one, body: chunks(body) })),
)
attackCase('P12', 'a tab before the coding', async ({ attack, control, row }) => {
  const before = await rig.refusals()
  const tabbed = rig.call({ headers: { 'content-length': null, 'transfer-encoding': '\tchunked', connection: null }, body: chunks(body) })
  await attack('is legal: it is handled once, and what stands in a chunk is no request', async () => {
    const inner = rig.call()
    const answer = await rig.send(rig.call({ headers: { ...chunked, 'transfer-encoding': '\tchunked' }, body: chunks(inner) }))
    expect([answer.status, answer.answers, rig.reached()]).toEqual([400, 1, []])
  })
  await control('the same with a body is served once, and the next one in its turn', async () => {
    const answer = await rig.send(`${tabbed}${rig.call()}`)
    expect(answer.text.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 200'])
    expect(rig.reached().length).toBe(2)
  })
  await row('of the first alone', () => rig.refusedSince(before, 1))
})
refused('P13', 'line ends and control bytes', [400], () => [
  rig.call().replaceAll('\r\n', '\n'),
  rig.call().replace('\r\n', '\n'),
  rig.call().replace('\r\n\r\n', '\n\n'),
  rig.call({ headers: { 'x-a': 'b\rc' } }),
  rig.call().replace('\r\n\r\n', '\r\n\rX'),
  rig.call({ headers: { 'x-a': 'b\0c' } }),
  rig.call({ headers: { 'x\0a': 'b' } }),
  rig.call({ headers: { 'x-a': 'b\u0001c' } }),
  ` ${rig.call()}`,
])
refused('P14', 'chunks that are none', [400, 408, 413], () => [
  { headers: chunked, body: `${body.length.toString(16)};x\n=1\r\n${body}\r\n0\r\n\r\n` },
  { headers: chunked, body: `fffffffffffffffff\r\n${body}\r\n0\r\n\r\n` },
  { headers: chunked, body: `-1\r\n${body}\r\n0\r\n\r\n` },
  { headers: chunked, body: `0x15\r\n${body}\r\n0\r\n\r\n` },
  { headers: chunked, body: `${body.length.toString(16)}\r\n${body}X\r\n0\r\n\r\n` },
  { headers: chunked, body: `${body.length.toString(16)};${'x'.repeat(20_000)}\r\n${body}\r\n0\r\n\r\n` },
])
attackCase('P20', 'a request behind one that is denied', async ({ attack, control, row }) => {
  const before = await rig.refusals()
  const first = { headers: { connection: null } }
  await attack('nothing that follows on a refusal is served, in one piece or in many', async () => {
    for (const denied of [
      { ...first, as: 'nobody' },
      { ...first, as: 'viewer' },
      { ...first, method: 'GET' },
      { ...first, body: '{}' },
      { ...first, path: '/v1/no' },
    ] as Call[])
      for (const bytes of [
        `${rig.call(denied)}${rig.call()}`,
        [rig.call(denied), rig.call()],
        [
          ...rig
            .call(denied)
            .split('\r\n')
            .map((line) => `${line}\r\n`),
          rig.call(),
        ],
      ]) {
        const answer = await rig.send(bytes)
        expect({ answers: answer.answers, closed: answer.closed }).toEqual({ answers: 1, closed: true })
      }
    expect(rig.reached()).toEqual([])
  })
  await control('behind one that is served the next is served, in order', async () => {
    const answer = await rig.send(
      `${rig.call({ ...first, verb: 'containers.list', args: {} })}${rig.call(first)}${rig.call({ path: '/v1/no' })}`,
    )
    expect(answer.text.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 200', 'HTTP/1.1 404'])
    expect(rig.reached()).toEqual([measured(rig.alpha)])
  })
  await row('one for each refusal', () => rig.refusedSince(before, 16))
})
attackCase('P23', 'bodies that are longer or shorter than told', async ({ attack, control, row }) => {
  const before = await rig.refusals()
  const big = `{"container":"${'a'.repeat(1_048_576)}"}`
  await attack('none is ever taken for an empty one that is allowed', async () => {
    const answers = await Promise.all(
      [
        rig.call({ body: big }),
        rig.call({ headers: chunked, body: chunks(big) }),
        rig.call({ headers: { 'content-length': '0' } }),
        rig.call({ verb: 'containers.list', args: {}, headers: { 'content-length': '0' }, body: '{}' }),
        rig.call({ headers: { 'content-length': '50' } }),
      ].map((bytes) => rig.send(bytes, { quietMs: 15_000 })),
    )
    expect(answers.map(({ status, answers: count, closed }) => [status, count, closed])).toEqual(
      [413, 413, 400, 400, 408].map((state) => [state, 1, true]),
    )
    expect(rig.reached()).toEqual([])
  })
  await control('one of its own length is served, told or in chunks', async () => {
    expect((await rig.send(rig.call())).status).toBe(200)
    expect((await rig.send(rig.call({ headers: chunked, body: chunks(body) }))).status).toBe(200)
  })
  await row('one for each', () => rig.refusedSince(before, 5))
})
