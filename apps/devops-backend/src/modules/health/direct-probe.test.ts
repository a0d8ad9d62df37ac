import type { LookupAddress, lookup } from 'node:dns'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { attackCase } from '@console/testkit/attack'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Net, probeHttp, probeTcp } from './direct-probe.ts'
import { addressAllowed } from './target-guard.ts'

/** Stands for an address outside this host; every address of 127.0.0.0/8 is this machine. */
const outside = '127.0.0.2'
const now = () => performance.now()

describe('a probe that goes out of this host', () => {
  let server: Server
  let port = 0
  let answer: (response: ServerResponse) => void
  const asked: string[] = []
  const names = new Map<string, string[][]>()
  const resolve = ((name: string, _options: object, callback: (error: Error | null, found: LookupAddress[]) => void) => {
    const answers = names.get(name) ?? []
    const addresses = (answers.length > 1 ? answers.shift() : answers[0]) ?? []
    if (addresses.length === 0) return callback(Object.assign(new Error('unknown'), { code: 'ENOTFOUND' }), [])
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    )
  }) as unknown as typeof lookup
  const net: Net = { resolve, allowed: (address) => address === outside || addressAllowed(address) }
  const check = (url: string, over: object = {}) => ({
    url,
    method: 'GET' as const,
    expectStatus: '2xx',
    expectBody: null,
    timeoutMs: 5_000,
    ...over,
  })
  const http = (host: string, over: object = {}) => probeHttp(check(`http://${host}:${port}/`, over), now, net)
  const tcp = (host: string) => probeTcp({ host, port, timeoutMs: 5_000 }, now, net)
  const refusedNote = 'the name leads to an address that checks never go to'

  beforeAll(async () => {
    server = createServer((request, response) => {
      asked.push(request.url ?? '')
      answer(response)
    })
    await new Promise<void>((resolved) => server.listen(0, '0.0.0.0', resolved))
    port = (server.address() as AddressInfo).port
  })
  afterEach(() => {
    names.clear()
    asked.length = 0
    answer = (response) => void response.end('ready')
  })
  afterAll(() => {
    server.closeAllConnections()
    server.close()
  })
  answer = (response) => void response.end('ready')

  // A measurement leaves no audit row; what is kept of it is its note, and that is what is looked at.
  attackCase('F4', 'a name that leads elsewhere when it is connected to', async (trial) => {
    const notes: string[] = []
    await trial.attack('outside when it was entered, loopback and metadata afterwards', async () => {
      for (const inside of ['127.0.0.1', '::1', '::ffff:127.0.0.1', '169.254.169.254', '0.0.0.0']) {
        names.set('rebind.example.net', [[outside], [inside]])
        expect(await http('rebind.example.net')).toMatchObject({ ok: true })
        asked.length = 0
        notes.push((await http('rebind.example.net')).note)
        names.set('rebind.example.net', [[inside]])
        notes.push((await tcp('rebind.example.net')).note)
      }
      expect(asked).toEqual([])
    })
    await trial.control('the same name while it leads outside', async () => {
      names.set('rebind.example.net', [[outside]])
      expect([await http('rebind.example.net'), await tcp('rebind.example.net')]).toMatchObject([{ ok: true }, { ok: true }])
    })
    await trial.row('the measurement says why, without the address', () => expect(new Set(notes)).toEqual(new Set([refusedNote])))
  })

  attackCase('F5', 'an address that is written out, about which no lookup is asked', async (trial) => {
    const notes: string[] = []
    await trial.attack('loopback and metadata', async () => {
      for (const host of ['127.0.0.1', '[::1]', '[::ffff:127.0.0.1]', '169.254.169.254', '[fd00:ec2::254]']) {
        const probe = await http(host)
        expect(probe.ok).toBe(false)
        notes.push(probe.note, (await tcp(host.replace(/[[\]]/g, ''))).note)
      }
      expect(asked).toEqual([])
    })
    await trial.control('an address outside', async () => {
      expect([await http(outside), await tcp(outside)]).toMatchObject([{ ok: true }, { ok: true }])
    })
    await trial.row('the measurement says why', () => expect(notes.every((note) => /address/.test(note))).toBe(true))
  })

  attackCase('F7', 'a name with a good address and a bad one', async (trial) => {
    const notes: string[] = []
    await trial.attack('in any order, and for any family', async () => {
      for (const addresses of [
        [outside, '127.0.0.1'],
        ['127.0.0.1', outside],
        [outside, '::1'],
        [outside, outside, '169.254.169.254'],
      ]) {
        names.set('many.example.net', [addresses])
        notes.push((await http('many.example.net')).note, (await tcp('many.example.net')).note)
      }
      expect(asked).toEqual([])
    })
    await trial.control('good addresses alone', async () => {
      names.set('many.example.net', [[outside, outside]])
      expect([await http('many.example.net'), await tcp('many.example.net')]).toMatchObject([{ ok: true }, { ok: true }])
    })
    await trial.row('the measurement says why', () => expect(new Set(notes)).toEqual(new Set([refusedNote])))
  })

  it('follows no redirect, reads 64 KiB at most, unpacks nothing, and waits no longer than it was told', async () => {
    answer = (response) => void response.writeHead(302, { location: '/next' }).end()
    expect(await http(outside)).toMatchObject({ ok: false, note: expect.stringMatching(/^302 in /) })
    expect(asked).toEqual(['/'])
    answer = (response) => void response.end(`${'x'.repeat(70_000)}end`)
    expect(await http(outside, { expectBody: 'end' })).toMatchObject({ ok: false })
    answer = (response) => void response.writeHead(200, { 'x-bomb': 'x'.repeat(60_000) }).end()
    expect(await http(outside)).toMatchObject({ ok: false, latencyMs: null })
    answer = () => undefined
    expect(await http(outside, { timeoutMs: 500 })).toMatchObject({ ok: false, note: 'no answer within 500 ms' })
  })

  it('says what it found in words of its own', async () => {
    expect(await http('unknown.example.net')).toMatchObject({ ok: false, note: 'the name is not known' })
    answer = (response) => void response.writeHead(500, 'secret words').end('secret body')
    expect((await http(outside)).note).toMatch(/^500 in \d+ ms$/)
    expect(await http(outside, { expectStatus: '500', expectBody: 'secret body' })).toMatchObject({ ok: true })
    answer = (response) => void response.socket?.end('secret nonsense\r\n\r\n')
    expect((await http(outside)).note).not.toContain('secret')
  })
})
