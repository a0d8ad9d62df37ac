import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '@console/testkit/daemon-harness'
import { idOf } from '@console/testkit/fake-container'
import { type RecordingEngine, type Scripted, startRecordingEngine } from '@console/testkit/recording-engine'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createEngine, engineAway, negotiate } from './engine.ts'
import { startModel } from './model.ts'
import { measure } from './verbs/measure.ts'

describe('the version to speak', () => {
  it.each([
    ['1.41', '1.12', '1.41'],
    ['1.44', '1.24', '1.44'],
    ['1.56', '1.44', '1.56'],
    ['1.60', '1.44', '1.56'],
    ['1.100', undefined, '1.56'],
  ])('is for %s (from %s) %s', (offered, minimum, chosen) => expect(negotiate(offered, minimum)).toBe(chosen))

  it.each([
    ['1.40', '1.12'],
    ['1.60', '1.57'],
    ['2.0', '2.0'],
    [undefined, undefined],
    ['1.41, 1.99', '1.12'],
    ['junk', ''],
    [1.41, 1.12],
    ['01.41', ''],
    ['1.041', ''],
  ])('is none for %s (from %s)', (offered, minimum) =>
    expect(() => negotiate(offered, minimum)).toThrow(expect.objectContaining({ code: 'DOCKER_ENGINE_VERSION' })),
  )
})

describe('why the engine is away', () => {
  it.each([
    ['ENOENT', /no Docker socket at \/s.*systemctl start docker.*DOCKER_SOCKET/],
    ['ECONNREFUSED', /Nothing listens .*systemctl start docker/],
    ['EACCES', /may not open \/s.*group docker/],
    ['EPERM', /may not open \/s.*group docker/],
    ['ETIMEDOUT', /not answer in time.*systemctl status docker/],
    ['ECONNRESET', /broke.*systemctl start docker/],
  ])('is told for %s, with what to do', (code, told) => expect(engineAway('/s', { code }).message).toMatch(told))

  it('costs nothing, unless a change may have reached it', () => {
    expect(engineAway('/s', { code: 'ETIMEDOUT' }).untouched).toBe(true)
    expect(engineAway('/s', { code: 'ENOENT' }, true).untouched).toBe(true)
    expect(engineAway('/s', { code: 'ETIMEDOUT' }, true).untouched).toBe(false)
    expect(engineAway('/s', { code: 'ECONNRESET' }, true).untouched).toBe(false)
  })
})

const drip = (response: ServerResponse): void => {
  response.writeHead(200)
  const timer = setInterval(() => response.write('x'.repeat(600)), 5)
  response.once('close', () => clearInterval(timer))
}

describe('the client of the engine', () => {
  let dir: string
  let fake: RecordingEngine
  const ask = (path = '/x', over = {}) =>
    createEngine(fake.socketPath).json({ method: 'GET', path, mostBytes: 1_000, timeoutMs: 400, ...over })

  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'engine-'))
    fake = await startRecordingEngine({ socketPath: join(dir, 'engine.sock') })
  })
  afterEach(async () => {
    await fake.stop()
    rmSync(dir, { recursive: true, force: true })
  })

  it('sends a host, an accept, and for a change a length of nothing; no more', async () => {
    fake.script(() => ({ body: {} }))
    await ask()
    await ask('/y', { method: 'POST' })
    expect(fake.bytes()).toBe(
      'GET /x HTTP/1.1\r\nhost: docker\r\naccept: application/json\r\nConnection: keep-alive\r\n\r\n' +
        'POST /y HTTP/1.1\r\nhost: docker\r\naccept: application/json\r\ncontent-length: 0\r\nConnection: keep-alive\r\n\r\n',
    )
  })

  const nonsense: [string, Scripted][] = [
    ['sends elsewhere', { status: 301, headers: { location: 'http://127.0.0.1:1/' }, body: {} }],
    ['switches protocols', { raw: 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n' }],
    ['refuses', { status: 500, body: { message: 'canary' } }],
    ['sends half', { body: '{"a":' }],
    ['sends too much', { body: 'x'.repeat(1_001) }],
    ['sends too much in chunks', { respond: drip }],
    ['sends no HTTP', { raw: 'nonsense\r\n\r\n' }],
    ['sends too many headers', { raw: `HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(9_000)}\r\n{}` }],
  ]
  it.each(nonsense)('says that the answer is not understood when the engine %s, and asks nothing more', async (_, scripted) => {
    fake.script(() => scripted)
    await expect(ask()).rejects.toMatchObject({ code: 'DOCKER_ENGINE_ERROR', status: 502, message: expect.not.stringContaining('canary') })
    expect(fake.requests.length).toBe(1)
  })

  const away: [string, Scripted][] = [
    ['says nothing', 'silence'],
    ['hangs in the middle', { respond: (response) => void response.writeHead(200).write('{') }],
    ['breaks off', { raw: 'HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n{' }],
  ]
  it.each(away)('says that the engine is away when it %s', async (_, scripted) => {
    fake.script(() => scripted)
    await expect(ask()).rejects.toMatchObject({ code: 'DOCKER_ENGINE_AWAY', status: 503 })
  })

  it.each([404, 409])('says that what was asked about is gone when a log or a measurement is answered with %s', async (status) => {
    fake.script((line) => (/\/(logs|stats)\b/.test(line) ? { status, body: { message: 'canary' } } : undefined))
    fake.add({ id: idOf('a1'), name: 'going' })
    const gone = { code: 'DOCKER_CONTAINER_NOT_FOUND', status: 404, message: expect.not.stringContaining('canary') }
    const { stream } = createEngine(fake.socketPath)
    await expect(stream({ method: 'GET', path: '/x/logs', timeoutMs: 400 }, new AbortController().signal)).rejects.toMatchObject(gone)
    const model = startModel({ socketPath: fake.socketPath, log: () => undefined })
    await until('the model is live', () => model.list().freshness === 'live', 20_000)
    await expect(measure(model, 'going').finally(() => model.stop())).rejects.toMatchObject(gone)
  })

  it('tells a file, and what it may not open, from an engine', async () => {
    await fake.stop()
    writeFileSync(fake.socketPath, '')
    await expect(ask()).rejects.toThrow(/Nothing listens/)
    await fake.start()
    if (process.getuid?.() === 0) return
    chmodSync(fake.socketPath, 0)
    await expect(ask()).rejects.toThrow(/group docker/)
  })
})

describe('a model of an engine of another version', () => {
  it.each(['1.40', '1.41, 1.99', 'junk', null])('asks it nothing but its version: %s', async (apiVersion) => {
    const dir = mkdtempSync(join(tmpdir(), 'engine-'))
    const fake = await startRecordingEngine({ socketPath: join(dir, 'engine.sock'), apiVersion })
    const model = startModel({ socketPath: fake.socketPath, log: () => undefined })
    try {
      await until('it asked twice', () => fake.requests.length >= 2, 20_000)
      expect(new Set(fake.requests.map(({ line }) => line))).toEqual(new Set(['GET /version HTTP/1.1']))
      expect(() => model.info()).toThrow(expect.objectContaining({ code: 'DOCKER_ENGINE_VERSION' }))
      expect(model.list().freshness).toBe('away')
    } finally {
      await model.stop()
      await fake.stop()
      rmSync(dir, { recursive: true, force: true })
    }
  })
})
