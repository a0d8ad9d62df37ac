import type { Socket } from 'node:net'
import { until } from '@console/testkit/daemon-harness'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { type ConnectionsRig, call, say, startConnections, statuses } from './connections.fake.ts'
import { DaemonError } from './problem.ts'

describe('the ends of connections', () => {
  let rig: ConnectionsRig
  afterEach(async () => {
    vi.useRealTimers()
    await rig.stop()
  })

  it('tell those who are too many so, serve none of theirs, and have room again when others have left', async () => {
    let served = 0
    rig = await startConnections(
      async (_request, response) => {
        served += 1
        say(response, 'ok')
      },
      { mostConnections: 2 },
    )
    const idle = [rig.stubborn('')]
    await until('it is there', async () => (await rig.open()) === 1, 15_000)
    expect((await rig.talk(call(), 1)).status).toBe(200)
    await until('it has left', async () => (await rig.open()) === 1, 15_000)
    idle.push(rig.stubborn(''))
    await until('both are there', async () => (await rig.open()) === 2, 15_000)
    const told = await rig.untilClosed(call())
    expect([told.status, told.answers, told.closed, JSON.parse(told.body)]).toMatchObject([503, 1, true, { code: 'TOO_MANY_CONNECTIONS' }])
    expect([served, rig.refused.map(([, code]) => code)]).toEqual([1, ['TOO_MANY_CONNECTIONS']])
    for (const socket of idle) socket.destroy()
    await until('there is room', async () => (await rig.talk(call(), 1)).status === 200, 15_000)
  })

  it('end for one who does not read, and for no other', async () => {
    const large = 'x'.repeat(2_000_000)
    rig = await startConnections(async (_request, response) => say(response, large), { answerMs: 2_000 })
    const socket = rig.stubborn(call())
    socket.pause()
    await until('it is there', async () => (await rig.open()) === 1, 15_000)
    await until('it is gone', async () => (await rig.open()) === 0, 15_000)
    socket.destroy()
    const whole = await rig.untilEndsWith(call(), 'xxx')
    expect(whole.status).toBe(200)
  }, 60_000)

  it('leave no clock behind once an answer was read', async () => {
    rig = await startConnections(async (_request, response) => say(response, 'ok'))
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const client = rig.stubborn(call())
    await new Promise((resolve) => client.once('data', resolve))
    await turns(() => vi.getTimerCount() === 0)
    expect([rig.sockets[0]?.destroyed, vi.getTimerCount()]).toEqual([false, 0])
    client.destroy()
  })

  it('end behind the answer to a refusal, stay a while for what is still written, and are then given up', async () => {
    rig = await startConnections(async () => {
      throw new DaemonError('BUSY', 429, 'Later.')
    })
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    for (const leaves of [false, true]) {
      const client = rig.stubborn(call())
      const ended = new Promise((resolve) => client.once('end', resolve))
      client.resume()
      await ended
      const theirs = rig.sockets.at(-1) as Socket
      // Its answer may not be accounted for yet, which has a clock of its own.
      await turns(() => vi.getTimerCount() === 1)
      expect([theirs.destroyed, vi.getTimerCount()]).toEqual([false, 1])
      if (leaves) client.destroy()
      else vi.advanceTimersByTime(3_000)
      await turns(() => theirs.destroyed && vi.getTimerCount() === 0)
      expect([theirs.destroyed, vi.getTimerCount()]).toEqual([true, 0])
      client.destroy()
    }
  })

  it('give a tunnel to nobody, and bear that the connection breaks', async () => {
    rig = await startConnections(async (_request, response) => say(response, 'ok'))
    const client = rig.stubborn('CONNECT engine:80 HTTP/1.1\r\nhost: x\r\n\r\n')
    let text = ''
    client.on('data', (bytes) => {
      text += bytes
    })
    await new Promise((resolve) => client.once('end', resolve))
    expect([statuses(text), text.includes('"code":"METHOD_NOT_ALLOWED"')]).toEqual([['405'], true])
    expect(rig.refused.map(([, code]) => code)).toEqual(['METHOD_NOT_ALLOWED'])
    const theirs = rig.sockets[0] as Socket
    expect(theirs.destroyed).toBe(false)
    theirs.emit('error', new Error('reset'))
    expect(theirs.destroyed).toBe(true)
    client.destroy()
  })

  it.each(['expect: 100-continue\r\n', 'expect: x\r\n'])('hand on what asks for more than an answer: %s', async (more) => {
    rig = await startConnections(async (_request, response) => say(response, 'ok'))
    expect(await rig.talk(call('/v1/x', more), 1)).toMatchObject({ status: 200, body: 'ok' })
  })

  it('hand on a request without a host, and refuse by themselves one whose end is told in two ways', async () => {
    rig = await startConnections(async (_request, response) => say(response, 'ok'))
    expect((await rig.talk('POST /v1/x HTTP/1.1\r\ncontent-length: 0\r\n\r\n', 1)).status).toBe(200)
    const both = 'POST /v1/x HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n'
    expect((await rig.untilClosed(both)).status).toBe(400)
  })

  it('say nothing more of bytes that come behind a refusal', async () => {
    rig = await startConnections(async () => {
      throw new DaemonError('BUSY', 429, 'Later.')
    })
    const told = await rig.untilClosed(`${call()}nonsense\r\n\r\n`)
    expect([statuses(told.text), told.closed, rig.refused]).toEqual([['429'], true, []])
  })
})

/** Waits without a clock, as all clocks stand still. */
async function turns(until: () => boolean): Promise<void> {
  for (let turn = 0; turn < 100_000 && !until(); turn += 1) await new Promise((resolve) => setImmediate(resolve))
}
