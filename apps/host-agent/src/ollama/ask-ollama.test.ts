import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type FakeOllama, modelFor, startFakeOllama } from '@console/testkit/fake-ollama'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createOllama } from './ask-ollama.ts'
import { openDeskAt, type TestDesk } from './ollama-desk.fake.ts'

const tags = { method: 'GET', path: '/api/tags' } as const
const tell = (body: unknown) => (_: unknown, response: import('node:http').ServerResponse) => void response.end(JSON.stringify(body))

describe('an answer of Ollama', () => {
  let ollama: FakeOllama
  let dir: string
  let desk: TestDesk
  let at: Date

  beforeAll(async () => {
    ollama = await startFakeOllama()
    dir = mkdtempSync(join(tmpdir(), 'ask-ollama-'))
    at = new Date('2026-11-25T10:00:00.000Z')
    desk = openDeskAt({ dir, port: ollama.port, now: () => at, limits: { mostBytes: 10_000 } })
  })
  afterEach(() => {
    for (const path of ['/api/tags', '/api/ps', '/api/version']) ollama.instead(path, null)
  })
  afterAll(async () => {
    await desk.stop()
    await ollama.stop()
    rmSync(dir, { recursive: true, force: true })
  })

  it('is asked for at loopback, with nothing but what is needed', async () => {
    ollama.requests.length = 0
    await desk.list()
    expect(ollama.requests.map(({ method, path, body }) => [method, path, body])).toEqual(
      expect.arrayContaining([
        ['GET', '/api/version', ''],
        ['GET', '/api/tags', ''],
        ['GET', '/api/ps', ''],
      ]),
    )
    const names = Object.keys(ollama.requests[0]?.headers ?? {}).sort()
    expect([names, ollama.requests[0]?.headers.host]).toEqual([
      ['accept', 'accept-encoding', 'connection', 'host'],
      `127.0.0.1:${ollama.port}`,
    ])
  })

  it.each([
    ['a redirect', 302, ''],
    ['a status of nowhere', 500, '{"error":"secret"}'],
    ['no JSON', 200, '<html>'],
    ['another shape', 200, '{"models":"none"}'],
    ['too much', 200, `{"models":[],"x":"${'y'.repeat(10_000)}"}`],
    ['a list alone', 200, '[]'],
  ])('that is %s is told as nonsense, and the list says what was known before', async (_, status, body) => {
    await desk.list()
    ollama.instead('/api/tags', (_request, response) => void response.writeHead(status, { location: 'http://127.0.0.1:9/' }).end(body))
    const { trouble, models, at: of } = await desk.ask<{ trouble: object; models: object[]; at: string }>('ollama.list', {})
    expect(trouble).toMatchObject({ code: 'OLLAMA_ERROR' })
    expect([JSON.stringify(trouble).includes('secret'), models.length, of]).toEqual([false, 2, at.toISOString()])
  })

  it('that is a redirect is no answer, even to who would look at its status', async () => {
    for (const status of [301, 302, 307, 308]) {
      ollama.instead('/api/tags', (_request, response) => void response.writeHead(status, { location: 'http://127.0.0.1:9/' }).end('{}'))
      await expect(createOllama(ollama.port).json(tags)).rejects.toMatchObject({ code: 'OLLAMA_ERROR' })
    }
    ollama.instead('/api/tags', (_request, response) => void response.writeHead(404).end('{}'))
    expect((await createOllama(ollama.port).json(tags)).status).toBe(404)
  })

  it('that breaks off, is no HTTP, or does not come, is an error in time', async () => {
    const sockets = new Set<Socket>()
    const texts: Record<string, string | null> = {
      short: 'HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{"mod',
      strange: 'SSH-2.0-x\r\n',
      nothing: null,
    }
    for (const [kind, text] of Object.entries(texts)) {
      const server = createServer((socket) => {
        sockets.add(socket)
        socket.on('error', () => undefined)
        if (text !== null) socket.end(text)
      })
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      const { port } = server.address() as { port: number }
      const asked = createOllama(port, { answerMs: 500 }).json(tags)
      await expect(asked, kind).rejects.toMatchObject({ code: expect.stringMatching(/^OLLAMA_(AWAY|ERROR)$/) })
      for (const socket of sockets) socket.destroy()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    }
    await expect(createOllama(1).json(tags)).rejects.toMatchObject({ code: 'OLLAMA_AWAY', status: 503, untouched: true })
  })

  it('holds only models that have a name to ask by and a digest, and of their facts only words', async () => {
    const row = (name: unknown, over: object = {}) => {
      const { digest, size } = modelFor('x', 5)
      return { name, digest, size, modified_at: '2026-11-20T10:00:00.123456789+02:00', details: {}, ...over }
    }
    const details = { family: 'll\u001b[31mama', parameter_size: '<b>7B</b>', quantization_level: 'Q4_K_M' }
    const odd = [
      '../../etc/passwd',
      'a b',
      'a\nb',
      '',
      5,
      null,
      ['a'],
      'x'.repeat(201),
      'a/b/c/d',
      'm:t:u',
      '\u202eevil',
      'a/../b',
      '.hidden',
    ]
    const wrong = [row('a', { digest: 'abc' }), row('b', { size: -1 }), row('c', { size: 1.5 }), row('d', { size: '5' }), null, 7]
    ollama.instead('/api/tags', tell({ models: [row('good/model:x', { details }), ...odd.map((name) => row(name)), ...wrong] }))
    const { models, left } = await desk.list()
    expect(models).toEqual([
      {
        name: 'good/model:x',
        digest: modelFor('x', 5).digest,
        sizeBytes: 5,
        modifiedAt: '2026-11-20T08:00:00.123Z',
        family: null,
        parameterSize: null,
        quantisation: 'Q4_K_M',
        lastSeenLoadedAt: null,
      },
    ])
    expect(left).toBe(odd.length + wrong.length)
    ollama.instead('/api/tags', tell({ models: null }))
    expect((await desk.list()).models).toEqual([])
  })
})

describe('when a model was last seen loaded', () => {
  it('is remembered over restarts, for the model and not for another one of its name', async () => {
    const ollama = await startFakeOllama()
    const dir = mkdtempSync(join(tmpdir(), 'seen-'))
    let at = new Date('2026-11-25T10:00:00.000Z')
    const open = () => openDeskAt({ dir, port: ollama.port, now: () => at })
    const seenOf = async (desk: TestDesk) => {
      const { models, watchedSince } = await desk.list()
      return [models.find(({ name }) => name === 'lab-tiny:q8')?.lastSeenLoadedAt, watchedSince]
    }
    const desk = open()
    ollama.loaded.set('lab-tiny:q8', null)
    expect(await seenOf(desk)).toEqual(['2026-11-25T10:00:00.000Z', '2026-11-25T10:00:00.000Z'])
    at = new Date('2026-11-25T10:05:00.000Z')
    await desk.list()
    ollama.loaded.clear()
    await desk.stop()
    at = new Date('2026-11-26T10:00:00.000Z')
    const next = open()
    expect(await seenOf(next)).toEqual(['2026-11-25T10:05:00.000Z', '2026-11-25T10:00:00.000Z'])
    ollama.models.set('lab-tiny:q8', modelFor('another', 5))
    expect((await seenOf(next))[0]).toBe(null)
    await next.stop()
    await ollama.stop()
    rmSync(dir, { recursive: true, force: true })
  })

  it('is seen without anybody who asks', async () => {
    const ollama = await startFakeOllama()
    const dir = mkdtempSync(join(tmpdir(), 'seen-'))
    const desk = openDeskAt({ dir, port: ollama.port, watchMs: 20 })
    ollama.loaded.set('lab-tiny:q8', null)
    const looks = () => ollama.requests.filter(({ path }) => path === '/api/ps').length
    await expect.poll(looks, { timeout: 20_000 }).toBeGreaterThan(1)
    ollama.loaded.clear()
    await expect.poll(async () => (await desk.list()).models[1]?.lastSeenLoadedAt, { timeout: 20_000 }).toMatch(/Z$/)
    await desk.stop()
    await ollama.stop()
    rmSync(dir, { recursive: true, force: true })
  })
})
