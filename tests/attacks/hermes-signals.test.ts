import { execFile } from 'node:child_process'
import { createHash, createHmac, randomBytes, randomUUID } from 'node:crypto'
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { attackCase } from '@console/testkit/attack'
import { send } from '@console/testkit/browser'
import { homesFolder, makeHome } from '@console/testkit/made-home'
import { describeNeeding, otelPython } from '@console/testkit/needs'
import { good } from '@console/testkit/people'
import { canonical, directPlan } from '@console/verbs/canonical'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Devops, type Person, rowsOf, startDevops } from '../../apps/devops-backend/src/devops.fake.ts'
import { setupText } from '../../apps/devops-web/src/features/settings/agent-setup.ts'
import { exportDurations, exportSpans } from './otel-sender.ts'

const minute = 60_000
const ingestPerMinute = 400

describe('signals that agents hand in', () => {
  const base = homesFolder()
  let devops: Devops
  let admin: Person
  const keys: Record<string, string> = {}

  beforeAll(async () => {
    const unit = 'console-none.service'
    const user = userInfo().username
    const instances = ['vm', 'uma', 'meter'].map((id) => ({ id, user, home: makeHome(join(base, id)), unit }))
    const file = join(base, 'instances.json')
    writeFileSync(file, JSON.stringify(instances), { mode: 0o600 })
    devops = await startDevops({ parts: ['platform-service', 'host-agent'], env: { HERMES_INSTANCES: file }, limits: { ingestPerMinute } })
    admin = await devops.setUp()
    for (const [name, instance, way] of [
      ['vm', 'vm', 'otlp'],
      ['uma', 'uma', 'otlp'],
      ['hook', 'vm', 'webhook'],
    ] as const)
      keys[name] = (await made({ instance, way, name })).secret
  }, 2 * minute)
  afterAll(async () => {
    await devops?.close()
    rmSync(base, { recursive: true, force: true })
  }, minute)

  async function made(body: { instance: string; way: 'otlp' | 'webhook'; name: string }) {
    const digest = createHash('sha256')
      .update(canonical(directPlan('hermes.key.create', 'local', body)))
      .digest('hex')
    const grant = await admin.grant('hermes.key.create', digest)
    const answer = good(await admin.devops.post('/hermes/keys', body, { 'x-grant': grant }), 201)
    return { id: String(answer.body.key?.id), secret: String(answer.body.secret) }
  }
  const url = (path: string, instance = 'vm') => `/api/devops/hermes/ingest/${instance}/${path}`
  /** Exact bytes as a program of others sends them. */
  const post = async (path: string, { body, headers = {}, instance = 'vm' }: Sent) => {
    const answer = await fetch(`http://127.0.0.1:${devops.port}${url(path, instance)}`, {
      method: 'POST',
      body: body as BodyInit,
      headers: { 'content-type': 'application/json', ...headers },
    })
    const bytes = Buffer.from(await answer.arrayBuffer())
    return {
      status: answer.status,
      type: answer.headers.get('content-type'),
      bytes,
      text: bytes.toString(),
      retryAfter: answer.headers.get('retry-after'),
    }
  }
  const bearer = (name: string) => ({ authorization: `Bearer ${keys[name]}` })
  const traces = (body: unknown, headers: Record<string, string> = bearer('vm'), instance = 'vm') =>
    post('v1/traces', { body: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body), headers, instance })
  const hook = (event: object, { secret = keys.hook ?? '', over = {} as Record<string, string>, tampered = '' } = {}) => {
    const body = JSON.stringify(event)
    const signature = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`
    return post('webhook', { body: body + tampered, headers: { 'x-hermes-signature-256': signature, ...over } })
  }
  const signals = async (instance: string, window = '24h') => {
    const { body } = good(await admin.devops.get(`/hermes/signals?window=${window}`), 200)
    return (body as unknown as { items: Told[] }).items.find((one) => one.instance === instance)
  }
  const totalOf = async (instance = 'vm') => (await signals(instance))?.series.reduce((sum, { figures }) => sum + figures.total, 0) ?? 0
  const denied = (from: number) =>
    rowsOf(devops)
      .slice(from)
      .filter(({ outcome }) => outcome === 'denied')
      .map(({ action, code, target }) => `${action} ${target} ${code}`)

  it(
    'says nothing of an agent before it sent anything, and takes what the SDK of OpenTelemetry sends, in each encoding',
    async () => {
      expect(await signals('uma')).toBeUndefined()
      const target = (path: string) => ({ url: `http://127.0.0.1:${devops.port}${url(path, 'uma')}`, headers: bearer('uma') })
      for (const encoding of ['json', 'protobuf'] as const)
        for (const compression of ['none', 'gzip'] as const)
          await exportSpans({
            ...target('v1/traces'),
            encoding,
            compression,
            spans: [
              { name: 'invoke_agent main', ms: 2_000 },
              { name: 'invoke_agent main', ms: 4_000, error: 'timeout' },
              { name: 'chat big', ms: 300, model: 'big', tokens: [100, 20] },
            ],
          })
      const told = await signals('uma')
      expect(told).toMatchObject({
        source: 'traces',
        health: { total: 8, failures: 4, failureRate: 0.5, lastError: 'timeout', tokensIn: 400, tokensOut: 80, costUsd: null },
      })
      expect(told?.health?.p50Ms).toBeGreaterThan(1_850)
      expect(told?.health?.p50Ms).toBeLessThan(2_150)
      expect(told?.health?.p95Ms).toBeGreaterThan(3_700)
      expect(told?.series.map(({ kind, agent, model, figures }) => [kind, agent, model, figures.total])).toEqual([
        ['turn', 'main', null, 8],
        ['llm', 'lab-agent', 'big', 4],
      ])
      for (const encoding of ['json', 'protobuf'] as const)
        await exportDurations({ ...target('v1/metrics'), encoding, compression: 'none', agent: 'main', seconds: [0.5, 3, 3] })
      // Spans tell more of the same turns, so metrics beside them do not count twice.
      expect((await signals('uma'))?.health?.total).toBe(8)
      const listed = good(await admin.devops.get('/hermes/keys'), 200).body as unknown as {
        items: { name: string; firstUsedAt: string | null }[]
      }
      expect(listed.items.map(({ name, firstUsedAt }) => [name, firstUsedAt !== null])).toEqual([
        ['uma', true],
        ['vm', false],
        ['hook', false],
      ])
    },
    minute,
  )

  describeNeeding('otelPython', 'of the SDK of OpenTelemetry for Python', () => {
    it(
      'are taken, whole and compressed',
      async () => {
        const before = (await signals('uma'))?.series.find(({ kind }) => kind === 'turn')?.figures.total ?? 0
        const place = (path: string) => `http://127.0.0.1:${devops.port}${url(path, 'uma')}`
        for (const compression of ['none', 'gzip']) {
          const args = [join(import.meta.dirname, 'otel-sender.py'), place('v1/traces'), place('v1/metrics'), keys.uma ?? '', compression]
          await promisify(execFile)(otelPython, args)
        }
        const told = await signals('uma')
        expect(told?.series.find(({ kind }) => kind === 'turn')?.figures.total).toBe(before + 4)
        expect(told?.series.find(({ model }) => model === 'small')).toMatchObject({
          agent: 'python-agent',
          figures: { total: 2, failures: 0, tokensIn: 14, tokensOut: 6 },
        })
      },
      minute,
    )
  })

  attackCase('I1', 'no key, a wrong one, one of another agent or for another way', async ({ attack, control, row }) => {
    const before = rowsOf(devops).length
    const foreign = [
      undefined,
      'Bearer bla_0123456789abcdef_'.padEnd(67, 'x'),
      bearer('uma').authorization,
      bearer('hook').authorization,
      `${bearer('vm').authorization}A`,
      // Its own number, and of its secret all but one letter.
      bearer('vm').authorization.replace(/.(?=.{9}$)/, (letter) => (letter === 'A' ? 'B' : 'A')),
      `Bearer blt_${'x'.repeat(40)}`,
    ]
    await attack('is refused on every route, in the form that the sender reads', async () => {
      for (const authorization of foreign)
        for (const path of ['v1/traces', 'v1/metrics', 'v1/logs']) {
          const headers: Record<string, string> = authorization === undefined ? {} : { authorization }
          const answer = await post(path, { body: '{}', headers })
          expect([path, answer.status, JSON.parse(answer.text)]).toEqual([path, 401, { code: 16, message: expect.any(String) }])
        }
      const proto = await post('v1/traces', { body: '', headers: { 'content-type': 'application/x-protobuf' } })
      expect([proto.status, proto.type, [...proto.bytes.subarray(0, 3)]]).toEqual([401, 'application/x-protobuf', [8, 16, 18]])
      expect((await post('v1/traces', { body: '{}', headers: { cookie: admin.devops.cookiesFor(url('v1/traces')) } })).status).toBe(401)
    })
    await attack('a key of an agent opens nothing else', async () => {
      const answer = await send(devops.port, 'GET', '/api/devops/hermes/signals', { headers: bearer('vm') })
      expect([answer.status, answer.body.code]).toEqual([401, 'AUTH_REQUIRED'])
    })
    await control('its own key', async () => expect(await traces({})).toMatchObject({ status: 200, text: '{}' }))
    await row('each refusal, with the agent that was meant', () => {
      const rows = denied(before)
      expect(rows).toContain('hermes.traces.take vm AUTH_REQUIRED')
      expect(rows.filter((one) => one.includes('.take vm AUTH_REQUIRED')).length).toBe(foreign.length * 3 + 2)
    })
  })

  attackCase('I2', 'a webhook with a wrong signature', async ({ attack, control, row }) => {
    const before = rowsOf(devops).length
    const count = await totalOf()
    await attack('is refused, whatever was changed', async () => {
      const answers = [
        await hook(event(), { secret: 'guessed' }),
        await hook(event(), { secret: keys.vm ?? '' }),
        await hook(event(), { tampered: ' ' }),
        await hook(event(), { over: { 'x-hermes-signature-256': 'sha256=' } }),
        await hook(event(), { over: { 'x-hermes-signature-256': `sha1=${'a'.repeat(40)}` } }),
        await post('webhook', { body: JSON.stringify(event()), headers: bearer('vm') }),
      ]
      expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 401))
      expect(await totalOf()).toBe(count)
    })
    await control('the same, signed with the key', async () => {
      expect(await hook(event())).toMatchObject({ status: 200, text: '{"status":"taken"}' })
      expect(await totalOf()).toBe(count + 1)
    })
    await row('each refusal', () => expect(denied(before)).toEqual(Array(6).fill('hermes.webhook.take vm AUTH_REQUIRED')))
  })

  attackCase('I3', 'what was sent once, sent again', async ({ attack, control, row }) => {
    const before = rowsOf(devops).length
    const first = event()
    const body = spansOf([span({})])
    await hook(first)
    await traces(body)
    const count = await totalOf()
    await attack('counts nothing', async () => {
      for (let n = 0; n < 3; n += 1) expect(await hook(first)).toMatchObject({ status: 200, text: '{"status":"known"}' })
      for (let n = 0; n < 3; n += 1) expect((await traces(body)).status).toBe(200)
      expect(await totalOf()).toBe(count)
    })
    await control('with another id it counts', async () => {
      await traces(spansOf([span({})]))
      expect(await totalOf()).toBe(count + 1)
    })
    await row('nothing was refused: a sender may not know that its first try arrived', () => expect(denied(before)).toEqual([]))
  })

  attackCase('I4', 'times that are off', async ({ attack, control, row }) => {
    const before = rowsOf(devops).length
    const count = await totalOf()
    await attack('an event of another time, or of none', async () => {
      for (const timestamp of [
        Date.now() / 1_000 - 400,
        Date.now() / 1_000 + 400,
        undefined,
        'soon',
        new Date(Date.now() - 400_000).toISOString(),
        -1,
        1e300,
      ])
        expect([timestamp, (await hook(event({ timestamp }))).status]).toEqual([timestamp, 400])
    })
    await attack('spans of the future, or of before anything is kept', async () => {
      const answer = await traces(
        spansOf([span({ endMs: Date.now() + 3_600_000 }), span({ endMs: Date.now() - 40 * 86_400_000 }), span({ traceId: 'zz' })]),
      )
      expect([answer.status, JSON.parse(answer.text)]).toEqual([
        200,
        { partialSuccess: { rejectedSpans: '3', errorMessage: 'a span ends in the future' } },
      ])
      expect(await totalOf()).toBe(count)
    })
    await control('a little off is what clocks are', async () => {
      expect((await hook(event({ timestamp: new Date(Date.now() - 200_000).toISOString() }))).status).toBe(200)
      expect((await traces(spansOf([span({ endMs: Date.now() + 60_000 }), span({ endMs: Date.now() - 86_400_000 })]))).text).toBe('{}')
    })
    await row('the events, each', () => expect(denied(before)).toEqual(Array(7).fill('hermes.webhook.take vm HERMES_SIGNAL_CLOCK')))
  })

  attackCase('I5', 'bodies that are too big, also once they are inflated', async ({ attack, control, row }) => {
    const before = rowsOf(devops).length
    const gzip = { ...bearer('vm'), 'content-encoding': 'gzip' }
    const rss = process.memoryUsage().rss
    await attack('a mebibyte and one byte, as it is and as a bomb of a gigabyte', async () => {
      expect((await traces(`{"a":"${'x'.repeat(1_048_576)}"}`)).status).toBe(413)
      const bomb = gzipSync(Buffer.alloc(200 * 1_048_576))
      expect((await traces(bomb, gzip)).status).toBe(413)
      expect((await traces(bomb, { ...gzip, 'content-type': 'application/x-protobuf' })).status).toBe(413)
      expect((await hook({ ...event(), cwd: 'x'.repeat(300_000) })).status).toBe(413)
      expect(process.memoryUsage().rss - rss).toBeLessThan(600 * 1_048_576)
    })
    await attack('codings and types that are not read', async () => {
      expect((await traces('{}', { ...gzip, 'content-encoding': 'br' })).status).toBe(415)
      expect((await traces('{}', { ...bearer('vm'), 'content-encoding': 'gzip, gzip' })).status).toBe(415)
      expect((await traces('{}', gzip)).status).toBe(400)
      expect((await traces('{}', { ...bearer('vm'), 'content-type': 'text/plain' })).status).toBe(415)
      expect((await traces('{}', { ...bearer('vm'), 'content-type': 'application/json\t;x=1' })).status).toBe(415)
      expect((await hook(event(), { over: { 'content-encoding': 'gzip' } })).status).toBe(415)
    })
    await control('one that fits', async () => expect((await traces(gzipSync(JSON.stringify(spansOf([span({})]))), gzip)).status).toBe(200))
    await row('none: the sender was known', () => expect(denied(before)).toEqual([]))
  })

  attackCase('I6', 'bodies that are built to hurt a reader', async ({ attack, control, row }) => {
    const before = rowsOf(devops).length
    const protobuf = { ...bearer('vm'), 'content-type': 'application/x-protobuf' }
    const count = await totalOf()
    await attack('what is no protobuf', async () => {
      const bad = ['ff', '0a', '0aff', '0aff7f', '0affffffff7f', '0b0c', `0a02${'1a'}7f`, '00', '0a0312010a', '0f']
      for (const hex of bad) expect([hex, (await traces(Buffer.from(hex, 'hex'), protobuf)).status]).toEqual([hex, 400])
    })
    await attack('what is no JSON of this kind', async () => {
      for (const body of ['{', '[]', '1', 'null', '{"resourceSpans":1}', '{"resourceSpans":[{"scopeSpans":{}}]}', '\u0000'])
        expect([body, (await traces(body)).status]).toEqual([body, 400])
    })
    await attack('nested deeply, or with names that reach a prototype: passed over', async () => {
      const deep = `{"x":${'['.repeat(100_000)}${']'.repeat(100_000)}}`
      expect((await traces(deep)).status).toBe(200)
      expect((await traces('{"__proto__":{"resourceSpans":[1]},"constructor":1}')).status).toBe(200)
      expect(({} as Record<string, unknown>).resourceSpans).toBeUndefined()
      // A field 2 in a field 2 in a field 2: values of values are not looked into.
      let value = Buffer.from('0a00', 'hex')
      while (value.length < 60_000) value = Buffer.concat([Buffer.from([0x32]), varint(value.length), value])
      expect((await traces(value, protobuf)).status).toBe(200)
      expect(await totalOf()).toBe(count)
    })
    await control('fields that nobody here knows', async () => {
      const [one] = spansOf([span({})]).resourceSpans
      expect((await traces({ resourceSpans: [{ ...one, newField: { deep: [1] } }], other: true })).text).toBe('{}')
      expect(await totalOf()).toBe(count + 1)
    })
    await row('none: the sender was known', () => expect(denied(before)).toEqual([]))
  })

  attackCase('I7', 'what was said to an agent, and what is secret about a key', async ({ attack, control, row }) => {
    const canary = `CANARY-${randomUUID()}`
    await attack('lies nowhere, and is in no answer', async () => {
      const attributes = [
        { key: 'gen_ai.input.messages', value: { stringValue: canary } },
        { key: 'gen_ai.system_instructions', value: { arrayValue: { values: [{ stringValue: canary }] } } },
      ]
      await traces(spansOf([span({ attributes, name: `chat ${canary}` })]))
      await hook(event({ tool_input: { text: canary }, extra: { response: canary, assistant_message: canary, model: 'm' } }))
      await post('v1/logs', {
        body: JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { stringValue: canary } }] }] }] }),
        headers: bearer('vm'),
      })
      const told = (await admin.devops.get('/hermes/signals')).text + (await admin.devops.get('/hermes/keys')).text
      const kept = filesUnder(join(devops.folder, 'devops')).map((file) => readFileSync(file, 'latin1'))
      for (const secret of [canary, keys.vm ?? '', keys.hook ?? '', (keys.vm ?? '').slice(21)])
        expect([secret, [told, ...kept, ...devops.lines].filter((text) => text.includes(secret)).length]).toEqual([secret, 0])
    })
    await control('what is asked for does', async () => {
      const answer = await post('v1/logs', { body: '{}', headers: bearer('vm') })
      expect([answer.status, JSON.parse(answer.text).partialSuccess.errorMessage]).toEqual([
        200,
        expect.stringContaining('Logs are not taken'),
      ])
      expect((await signals('vm'))?.series.length).toBeGreaterThan(0)
    })
    await row('who made a key, for which agent, and nothing that is secret', () => {
      const rows = rowsOf(devops).filter(({ action }) => action === 'hermes.key.create')
      expect(rows.map(({ outcome, target }) => `${outcome} ${target}`)).toEqual(
        ['vm', 'uma', 'vm'].flatMap((id) => [`started ${id}`, `done ${id}`]),
      )
      for (const secret of Object.values(keys)) expect(JSON.stringify(rows)).not.toContain(secret.slice(21))
    })
  })

  attackCase('I8', 'a key that was revoked', async ({ attack, control, row }) => {
    const before = rowsOf(devops).length
    const { id, secret } = await made({ instance: 'vm', way: 'otlp', name: 'short' })
    const again = await made({ instance: 'vm', way: 'webhook', name: 'short' })
    const use = () => traces({}, { authorization: `Bearer ${secret}` })
    await control('is good until then', async () => {
      expect((await use()).status).toBe(200)
      expect((await hook(event(), { secret: again.secret })).status).toBe(200)
    })
    await attack('is refused from the next request on', async () => {
      for (const one of [id, again.id]) good(await admin.devops.call('DELETE', `/hermes/keys/${one}`, { body: {} }), 204)
      expect((await use()).status).toBe(401)
      expect((await hook(event(), { secret: again.secret })).status).toBe(401)
      expect((await admin.devops.call('DELETE', `/hermes/keys/${id}`, { body: {} })).status).toBe(404)
    })
    await row('who revoked it, and what was refused since', () => {
      const rows = rowsOf(devops).slice(before)
      expect(rows.filter(({ action }) => action === 'hermes.key.revoke').map(({ outcome }) => outcome)).toEqual([
        'started',
        'done',
        'started',
        'done',
        'started',
        'failed',
      ])
      expect(denied(before)).toEqual(['hermes.traces.take vm AUTH_REQUIRED', 'hermes.webhook.take vm AUTH_REQUIRED'])
    })
  })

  it('tells that a first signal came by the commands that the page prints, and not by an empty request', async () => {
    const base = `http://127.0.0.1:${devops.port}/api/devops`
    for (const [way, answer] of [
      ['otlp', '{}'],
      ['webhook', '{"status":"taken"}'],
    ] as const) {
      const { id, secret } = await made({ instance: 'vm', way, name: 'tried' })
      const firstUse = async () => {
        const { items } = good(await admin.devops.get('/hermes/keys'), 200).body as unknown as {
          items: { id: string; firstUsedAt: string | null }[]
        }
        return items.find((one) => one.id === id)?.firstUsedAt
      }
      if (way === 'otlp') expect((await traces({}, { authorization: `Bearer ${secret}` })).status).toBe(200)
      expect(await firstUse()).toBeNull()
      const command = setupText({ base, instance: 'vm', way }).try
      const { stdout } = await promisify(execFile)('sh', ['-c', command], { env: { PATH: process.env.PATH, KEY: secret } })
      expect([way, stdout]).toEqual([way, answer])
      expect(await firstUse()).toEqual(expect.any(String))
    }
  })

  it(
    'takes the metrics of that SDK in each encoding, whole and compressed',
    async () => {
      const { secret } = await made({ instance: 'meter', way: 'otlp', name: 'meter' })
      const target = {
        url: `http://127.0.0.1:${devops.port}${url('v1/metrics', 'meter')}`,
        headers: { authorization: `Bearer ${secret}` },
        seconds: [0.5, 3, 3],
      }
      const ways = (['json', 'protobuf'] as const).flatMap((encoding) =>
        (['none', 'gzip'] as const).map((compression) => ({ encoding, compression, agent: `${encoding} ${compression}` })),
      )
      for (const way of ways) await exportDurations({ ...target, ...way })
      const told = await signals('meter')
      const seen = told?.series.map(({ kind, agent, figures }) => [kind, agent, figures.total])
      expect([told?.source, seen?.sort()]).toEqual(['metrics', ways.map(({ agent }) => ['turn', agent, 3]).sort()])
    },
    minute,
  )

  // The last one: it uses the minute up.
  attackCase('I9', 'more than an agent may send', async ({ attack, control, row }) => {
    await attack('comes to an end, with a time to wait', async () => {
      let answer = await traces({})
      for (let n = 0; n < ingestPerMinute && answer.status === 200; n += 1) answer = await traces({})
      expect([answer.status, Number(answer.retryAfter)]).toEqual([429, expect.toSatisfy((seconds: number) => seconds > 0 && seconds <= 60)])
      expect(JSON.parse(answer.text).code).toBe(8)
      expect((await hook(event())).status).toBe(429)
    })
    await control('pages from the same address go on', async () => expect((await admin.devops.get('/hermes/signals')).status).toBe(200))
    await row('none for requests that were only too many', () => expect(denied(rowsOf(devops).length - 1)).toEqual([]))
  })
})

type Sent = { readonly body: string | Buffer; readonly headers?: Record<string, string>; readonly instance?: string }
type Told = {
  readonly instance: string
  readonly source: string
  readonly health: { readonly total: number; readonly p50Ms: number; readonly p95Ms: number } | null
  readonly series: readonly {
    readonly kind: string
    readonly agent: string
    readonly model: string | null
    readonly figures: { readonly total: number }
  }[]
}

/** An event as the agent's outbound webhooks send it. */
function event(over: Readonly<Record<string, unknown>> = {}): object {
  return {
    hook_event_name: 'on_session_end',
    tool_name: null,
    tool_input: null,
    session_id: 's1',
    cwd: '/home/agent',
    extra: { turn_id: 't1', completed: true, failed: false, interrupted: false, model: 'big', platform: 'cli' },
    delivery_id: randomUUID(),
    timestamp: Date.now() / 1_000,
    telemetry_schema_version: 'hermes.observer.v1',
    ...over,
  }
}

function span({
  endMs = Date.now(),
  ms = 100,
  traceId = randomBytes(16).toString('hex'),
  name = 'chat big',
  attributes = [] as object[],
}): object {
  return {
    traceId,
    spanId: randomBytes(8).toString('hex'),
    name,
    startTimeUnixNano: `${Math.round(endMs - ms)}000000`,
    endTimeUnixNano: `${Math.round(endMs)}000000`,
    attributes: [{ key: 'gen_ai.operation.name', value: { stringValue: 'chat' } }, ...attributes],
  }
}

const spansOf = (spans: readonly object[]) => ({ resourceSpans: [{ resource: { attributes: [] }, scopeSpans: [{ spans }] }] })

function varint(value: number): Buffer {
  const bytes: number[] = []
  for (let rest = value; ; rest >>>= 7) {
    bytes.push(rest > 127 ? (rest & 127) | 128 : rest)
    if (rest <= 127) return Buffer.from(bytes)
  }
}

function filesUnder(dir: string): string[] {
  return readdirSync(dir, { recursive: true })
    .map((name) => join(dir, String(name)))
    .filter((path) => statSync(path).isFile())
}
