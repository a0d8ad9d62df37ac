import { request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { until } from '@console/testkit/daemon-harness'
import { exchange } from '@console/testkit/raw-socket'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DaemonError } from './problem.ts'
import { startVerbServer, type VerbServerRig } from './verb-server.fake.ts'

const digest = 'a'.repeat(64)

describe('a call of a verb', () => {
  let rig: VerbServerRig
  const ask: VerbServerRig['kit']['ask'] = (...call) => rig.kit.ask(...call)
  const ranWhat = () => rig.ran.map(({ what }) => what)
  const outcomes = () => rig.rows.map(({ outcome }) => outcome)
  const code = ({ status, body }: { status: number; body: Record<string, unknown> }) => [status, body.code]
  const again = async (limits: Parameters<typeof startVerbServer>[0]): Promise<void> => {
    await rig.stop()
    rig = await startVerbServer(limits)
  }

  beforeEach(async () => {
    rig = await startVerbServer()
  })
  afterEach(() => rig.stop())

  it('that changes something is on record before it runs, and with its outcome after', async () => {
    const sent = rig.kit.bytesOf('things.touch', { container: 'a' }, { as: 'operator', headers: { 'x-request-id': 'asked-1' } })
    const answer = await exchange({ socketPath: rig.kit.socketPath, bytes: sent, enough: (text) => text.endsWith('}') })
    expect([answer.status, answer.body]).toEqual([200, '{"ok":true}'])
    expect(answer.text).toMatch(/content-type: application\/json\r\n/i)
    expect(answer.text).toMatch(/content-length: 11\r\n/i)
    expect(answer.text).toMatch(/x-request-id: asked-1\r\n/i)
    const base = { action: 'things.touch', actor: { kind: 'person', id: 'user-1' }, requestId: 'asked-1', target: 'a', risk: 'change' }
    expect(rig.rows).toEqual([
      { ...base, outcome: 'started', input: { container: 'a' } },
      { ...base, of: 1, outcome: 'done' },
    ])
    expect(rig.ran.map(({ what, rows: before }) => [what, before])).toEqual([['touch', 1]])
    expect(rig.ran[0]?.ctx).toMatchObject({ requestId: 'asked-1', confirmed: null, caller: { id: 'user-1' } })
    expect(rig.ran[0]?.ctx.signal.aborted).toBe(false)
  })

  it('that reads leaves no row', async () => {
    expect((await ask('things.look', { container: 'a' }, 'operator')).status).toBe(200)
    expect([rig.rows, rig.refused, ranWhat()]).toEqual([[], [], ['look']])
  })

  it('that reads what is recorded is on record before anything is told, and tells nothing where it cannot be', async () => {
    expect((await ask('things.peek', { container: 'a' }, 'operator')).status).toBe(200)
    expect(rig.rows.map(({ outcome, risk, input }) => [outcome, risk, input])).toEqual([
      ['started', 'read', { container: 'a' }],
      ['done', 'read', undefined],
    ])
    rig.full = () => true
    expect(code(await ask('things.peek', { container: 'a' }, 'operator'))).toEqual([503, 'AUDIT_UNAVAILABLE'])
    expect(ranWhat()).toEqual(['peek'])
  })

  it('keeps a secret argument out of the journal, and no other', async () => {
    await ask('things.hide', { container: 'a', word: 'hush' }, 'operator')
    expect(rig.rows[0]?.input).toEqual({ container: 'a', word: 'masked' })
  })

  it('uses the reserve of the disk for its intent where its row says so, and only there', async () => {
    await ask('things.stop', { container: 'a' }, 'operator')
    await ask('things.touch', { container: 'a' }, 'operator')
    expect(rig.rows.map(({ action, outcome, essential }) => [action, outcome, essential])).toEqual([
      ['things.stop', 'started', true],
      ['things.stop', 'done', undefined],
      ['things.touch', 'started', undefined],
      ['things.touch', 'done', undefined],
    ])
  })

  it('does nothing where the intent cannot be written, and costs neither the confirmation nor the limit', async () => {
    rig.full = ({ outcome }) => outcome === 'started'
    const grant = rig.kit.grant('things.remove', digest)
    expect(code(await ask('things.remove', { digest }, 'admin', grant))).toEqual([503, 'AUDIT_UNAVAILABLE'])
    for (let n = 0; n < 4; n += 1)
      expect(code(await ask('things.touch', { container: 'a' }, 'operator'))).toEqual([503, 'AUDIT_UNAVAILABLE'])
    expect([ranWhat(), rig.rows]).toEqual([[], []])
    rig.full = () => false
    expect((await ask('things.remove', { digest }, 'admin', grant)).status).toBe(200)
    expect((await ask('things.touch', { container: 'a' }, 'operator')).status).toBe(200)
    expect(ranWhat()).toEqual(['remove', 'touch'])
  })

  it('stays answered where only the outcome cannot be written, and says so in the log', async () => {
    rig.full = ({ outcome }) => outcome === 'done'
    expect((await ask('things.touch', { container: 'a' }, 'operator')).status).toBe(200)
    expect([outcomes(), rig.logged]).toEqual([
      ['started'],
      [['error', 'an outcome could not be recorded', { action: 'things.touch', error: 'Error: no space' }]],
    ])
  })

  it('that fails has the code of its failure on record', async () => {
    rig.act = () => {
      throw new DaemonError('ENGINE_AWAY', 502, 'The engine does not answer.')
    }
    expect(code(await ask('things.touch', { container: 'a' }, 'operator'))).toEqual([502, 'ENGINE_AWAY'])
    rig.act = () => {
      throw new Error('a bug')
    }
    expect(code(await ask('things.touch', { container: 'b' }, 'operator'))).toEqual([500, 'INTERNAL'])
    expect(rig.rows.map(({ outcome, code: told, of }) => [outcome, told, of])).toEqual([
      ['started', undefined, undefined],
      ['failed', 'ENGINE_AWAY', 1],
      ['started', undefined, undefined],
      ['failed', 'INTERNAL', 3],
    ])
    expect(rig.refused).toEqual([])
  })

  it.each([
    ['ENOSPC', 'DISK_UNAVAILABLE', 'the disk is full'],
    ['EDQUOT', 'DISK_UNAVAILABLE', 'the disk is full'],
    ['EIO', 'DISK_UNAVAILABLE', 'not sure what was kept'],
    ['EROFS', 'DISK_UNAVAILABLE', 'not sure what was kept'],
    ['ENOENT', 'INTERNAL', 'request id'],
  ])('that met a disk which takes nothing says so: %s', async (errno, told, words) => {
    rig.act = () => {
      throw Object.assign(new Error(`${errno}: /secret/path`), { code: errno, syscall: 'write' })
    }
    const { status, body, text } = await ask('things.touch', { container: 'a' }, 'operator')
    expect([status, body.code]).toEqual([told === 'INTERNAL' ? 500 : 503, told])
    expect(String(body.detail)).toContain(words)
    expect(text).not.toContain('/secret')
    expect(rig.rows.map(({ outcome, code: why }) => [outcome, why])).toEqual([
      ['started', undefined],
      ['failed', told],
    ])
  })

  it('that met a journal which takes nothing says so', async () => {
    rig.act = () => {
      throw Object.assign(new Error('full'), { name: 'AuditUnavailable', code: 'AUDIT_UNAVAILABLE' })
    }
    expect(code(await ask('things.touch', { container: 'a' }, 'operator'))).toEqual([503, 'AUDIT_UNAVAILABLE'])
  })

  it('counts against its object unless it reached nothing', async () => {
    rig.act = () => {
      throw new DaemonError('ENGINE_AWAY', 502, 'The engine does not answer.', { untouched: true })
    }
    for (let n = 0; n < 5; n += 1) expect((await ask('things.touch', { container: 'a' }, 'operator')).status).toBe(502)
    rig.act = () => {
      throw new DaemonError('ENGINE_AWAY', 502, 'The engine does not answer.')
    }
    for (let n = 0; n < 3; n += 1) expect((await ask('things.touch', { container: 'a' }, 'operator')).status).toBe(502)
    expect(code(await ask('things.touch', { container: 'a' }, 'operator'))).toEqual([429, 'RATE_LIMITED'])
  })

  it('whose arguments its handler refuses is a refusal on record too', async () => {
    rig.act = () => {
      throw new DaemonError('INPUT_INVALID', 400, 'container: not this one.')
    }
    expect((await ask('things.look', { container: 'a' }, 'operator')).status).toBe(400)
    expect(rig.refused).toMatchObject([{ action: 'things.look', risk: 'read', code: 'INPUT_INVALID', caller: { id: 'user-1' } }])
  })

  it('is judged in order: the verb, who asks, how often, whether they may, the arguments, the object, the confirmation', async () => {
    await again({ perMinute: { read: 9, change: 9, destroy: 1 }, refusalsPerMinute: 2 })
    const bad = { container: 5 }
    expect(code(await ask('no.verb', bad, 'nobody'))).toEqual([404, 'ROUTE_NOT_FOUND'])
    expect(code(await ask('things.touch', bad, 'nobody'))).toEqual([401, 'AUTH_REQUIRED'])
    expect(code(await ask('things.touch', bad, 'viewer'))).toEqual([403, 'AUTH_FORBIDDEN'])
    const wrong = await ask('things.touch', bad, 'operator')
    expect([code(wrong), wrong.body.errors]).toEqual([[400, 'INPUT_INVALID'], [expect.objectContaining({ field: 'container' })]])
    for (let n = 0; n < 3; n += 1) await ask('things.touch', { container: 'a' }, 'operator')
    const over = await ask('things.touch', { container: 'a' }, 'operator')
    expect([code(over), over.body.detail]).toEqual([[429, 'RATE_LIMITED'], expect.stringContaining('per container')])
    expect(code(await ask('things.remove', { digest: 'x' }, 'admin'))).toEqual([400, 'INPUT_INVALID'])
    expect(code(await ask('things.remove', { digest }, 'admin'))).toEqual([403, 'AUTH_GRANT_REQUIRED'])
    expect((await ask('things.remove', { digest }, 'admin', rig.kit.grant('things.remove', digest))).status).toBe(200)
    // Whoever asks too often without a confirmation is told so, and nothing else.
    expect(code(await ask('things.remove', { digest }, 'viewer'))).toEqual([429, 'RATE_LIMITED'])
    expect(rig.refused.map((one) => [one.action, one.risk, one.code, one.caller?.id ?? null])).toEqual([
      [undefined, undefined, 'ROUTE_NOT_FOUND', null],
      ['things.touch', 'change', 'AUTH_REQUIRED', null],
      ['things.touch', 'change', 'AUTH_FORBIDDEN', 'user-1'],
      ['things.touch', 'change', 'INPUT_INVALID', 'user-1'],
      ['things.touch', 'change', 'RATE_LIMITED', 'user-1'],
      ['things.remove', 'destroy', 'INPUT_INVALID', 'user-1'],
      ['things.remove', 'destroy', 'AUTH_GRANT_REQUIRED', 'user-1'],
      ['things.remove', 'destroy', 'RATE_LIMITED', 'user-1'],
    ])
    expect([rig.refused[0]?.details, rig.refused[1]?.details]).toEqual([{ method: 'POST', path: '/v1/no.verb' }, undefined])
  })

  it('is not kept from who confirms it by who asks without a confirmation, and may be confirmed so often', async () => {
    await again({ perMinute: { read: 9, change: 9, destroy: 2 }, refusalsPerMinute: 5 })
    const confirmed = () => ask('things.remove', { digest }, 'admin', rig.kit.grant('things.remove', digest))
    for (let n = 0; n < 5; n += 1) expect(code(await ask('things.remove', { digest }, 'admin'))).toEqual([403, 'AUTH_GRANT_REQUIRED'])
    // The same person, or whoever holds their token.
    expect(code(await ask('things.remove', { digest }, 'admin'))).toEqual([429, 'RATE_LIMITED'])
    for (let n = 0; n < 2; n += 1) expect((await confirmed()).status).toBe(200)
    expect(code(await confirmed())).toEqual([429, 'RATE_LIMITED'])
    expect(ranWhat()).toEqual(['remove', 'remove'])
  })

  it('counts for who asks, whatever it is asked about, and before its arguments are read', async () => {
    await again({ perMinute: { read: 2, change: 9, destroy: 9 } })
    for (const container of ['a', 5]) await ask('things.look', { container }, 'operator')
    expect(code(await ask('things.look', { container: 'b' }, 'operator'))).toEqual([429, 'RATE_LIMITED'])
    expect((await ask('things.touch', { container: 'b' }, 'operator')).status).toBe(200)
    expect(ranWhat()).toEqual(['look', 'touch'])
  })

  it('takes nothing of the limit of its object from who has no confirmation for it', async () => {
    const grant = (of = digest) => rig.kit.grant('things.erase', of)
    for (let n = 0; n < 5; n += 1) expect((await ask('things.erase', { digest }, 'admin', grant('b'.repeat(64)))).status).toBe(403)
    expect((await ask('things.erase', { digest }, 'admin', grant())).status).toBe(200)
    expect(code(await ask('things.erase', { digest }, 'admin', grant()))).toEqual([429, 'RATE_LIMITED'])
  })

  it('is asked with POST, and by no other method', async () => {
    const bytes = rig.kit.bytesOf('things.touch', { container: 'a' }, { as: 'operator', method: 'PUT' })
    expect((await exchange({ socketPath: rig.kit.socketPath, bytes })).status).toBe(405)
    expect([ranWhat(), rig.refused.map(({ code: told }) => told)]).toEqual([[], ['METHOD_NOT_ALLOWED']])
  })

  it('that fails before it is admitted is on record as a fault of this program', async () => {
    expect(code(await ask('things.fault', { container: 'a' }, 'operator'))).toEqual([500, 'INTERNAL'])
    expect([ranWhat(), rig.refused.map(({ action, code: told }) => [action, told])]).toEqual([[], [['things.fault', 'INTERNAL']]])
  })

  it('to no verb is on record with the beginning of its path, without what was asked behind it', async () => {
    const path = `/v1/${'x'.repeat(200)}`
    await exchange({ socketPath: rig.kit.socketPath, bytes: rig.kit.bytesOf('no.verb', {}, { path: `${path}?token=abc` }) })
    expect(rig.refused[0]?.details).toEqual({ method: 'POST', path: path.slice(0, 100) })
  })

  it('that destroys says in its intent what confirmed it, and of two with one confirmation one goes on', async () => {
    const grant = rig.kit.grant('things.remove', digest)
    const both = await Promise.all([ask('things.remove', { digest }, 'admin', grant), ask('things.remove', { digest }, 'admin', grant)])
    expect(both.map(code).sort()).toEqual([
      [200, undefined],
      [409, 'AUTH_GRANT_USED'],
    ])
    expect([ranWhat(), rig.ran[0]?.ctx.confirmed]).toEqual([['remove'], digest])
    expect(rig.rows[0]).toMatchObject({ target: 'the plan', details: { jti: expect.stringMatching(/./), digest } })
    expect(rig.rows[1]).not.toHaveProperty('details')
  })

  it('ends what it does for somebody who goes away, and not for one who has the answer', async () => {
    const begun = Promise.withResolvers<AbortSignal>()
    rig.act = ({ signal }) => {
      begun.resolve(signal)
      return new Promise((resolve) => signal.addEventListener('abort', () => resolve()))
    }
    const body = JSON.stringify({ container: 'a' })
    const call = request({
      socketPath: rig.kit.socketPath,
      path: '/v1/things.look',
      method: 'POST',
      headers: rig.kit.headersFor('operator'),
    })
    call.on('error', () => undefined)
    call.end(body)
    const signal = await begun.promise
    call.destroy()
    await until('it is ended', () => signal.aborted, 15_000)
    rig.act = () => undefined
    await ask('things.look', { container: 'b' }, 'operator')
    await until('its connection is closed', async () => (await rig.connections()) === 0, 15_000)
    expect(rig.ran.at(-1)?.ctx.signal.aborted).toBe(false)
  })

  it('that streams ends its source when the last line was read, and gives its place to another', async () => {
    await again({ followsPerActor: 1 })
    const signals: AbortSignal[] = []
    const goOn = Promise.withResolvers<void>()
    rig.lines = async function* ({ signal }) {
      signals.push(signal)
      yield { line: 1 }
      if (signals.length === 1) await goOn.promise
    }
    const first = rig.kit.read('things.watch', {}, () => false, 'viewer')
    await until('it runs', () => signals.length === 1, 15_000)
    expect(code(await ask('things.watch', {}, 'viewer'))).toEqual([429, 'STREAM_LIMIT'])
    goOn.resolve()
    expect((await first)[0]).toEqual({ line: 1 })
    await until('its source is told', () => signals[0]?.aborted, 15_000)
    expect((await rig.kit.read('things.watch', {}, () => false, 'viewer'))[0]).toEqual({ line: 1 })
  })

  it('that streams ends after a while for a person, and goes on for a service', async () => {
    await again({ streamMinutes: 0.000_01 })
    let each = 0
    rig.lines = async function* ({ signal }) {
      while (!signal.aborted && each < 300) {
        yield { line: each++ }
        await new Promise((resolve) => setTimeout(resolve, 1))
      }
    }
    await rig.kit.read('things.watch', {}, () => false, 'viewer')
    expect(each).toBeLessThan(300)
    each = 0
    await rig.kit.read('things.watch', {}, () => false, 'service')
    expect(each).toBe(300)
  }, 60_000)

  it('whose connection this side ends in the middle of its body is no refusal', async () => {
    const taken = new Promise<Socket>((resolve) => rig.server.once('connection', resolve))
    const asked = new Promise((resolve) => rig.server.once('request', resolve))
    const socket = connect(rig.kit.socketPath)
    socket.on('error', () => undefined)
    socket.write(rig.kit.bytesOf('things.touch', { container: 'a' }, { as: 'operator' }).slice(0, -5))
    const [theirs] = await Promise.all([taken, asked])
    theirs.destroy()
    await until('it is given up', () => rig.dealtWith() === 1, 15_000)
    expect([rig.refused, ranWhat()]).toEqual([[], []])
  })

  it('cut off in the middle of its body is one refusal, and nothing runs', async () => {
    const whole = rig.kit.bytesOf('things.touch', { container: 'a' }, { as: 'operator' })
    const socket = connect(rig.kit.socketPath)
    socket.write(whole.slice(0, -5))
    await until('it is there', async () => (await rig.connections()) === 1, 15_000)
    socket.end()
    await until('it is gone', async () => (await rig.connections()) === 0, 15_000)
    expect([rig.refused.map(({ action, code: told }) => [action, told]), ranWhat()]).toEqual([[['things.touch', 'REQUEST_INVALID']], []])
  })
})
