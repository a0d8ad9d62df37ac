import { afterEach, describe, expect, it } from 'vitest'
import { type FakeConsole, kept, makeConsole } from './restored-console.fake.ts'
import { restoreIn } from './verifier-restores.ts'

describe('a restore that all logs were told of', () => {
  let made: FakeConsole
  afterEach(() => made.remove())
  const before = async () => {
    made = await makeConsole()
    await made.live(3)
    await made.exchange()
    const backup = made.backUp()
    await made.live(9)
    await made.exchange()
    expect(await made.verdict()).toMatchObject({ ok: true, restored: [] })
    return backup
  }

  it('explains what host-agent witnessed of what is gone, at once and once the logs are longer than they were', async () => {
    const backup = await before()
    const was = Object.fromEntries(kept.map((name) => [name, made.logOf(name).head.seq]))
    const requestId = await made.restore({ backup })
    const expected = async () => {
      const verdict = await made.verdict()
      expect([verdict.ok, verdict.broken]).toEqual([true, []])
      expect(verdict.restored.map(({ log }) => log)).toEqual(kept)
      for (const { log, gone, ...more } of verdict.restored) {
        const came = backup.logs[log]?.rows ?? 0
        // What was witnessed of a log in that round: its rows before those of the round itself.
        expect([log, gone > 0 && gone <= (was[log] ?? 0) - came]).toEqual([log, true])
        expect(more).toEqual({ heldBy: ['host-agent'], requestId, cameBackWith: came })
      }
      return verdict
    }
    await expected()
    await made.exchange()
    await made.live(30)
    await made.exchange()
    const { results } = await expected()
    for (const { log, anchoredTo } of results) expect([log, anchoredTo > (was[log] ?? 0)]).toEqual([log, true])
  })

  it('lets host-agent witness the shorter logs anew, also after it was started anew, and keeps what it set aside until they are longer', async () => {
    const backup = await before()
    await made.restore({ backup })
    const agent = () => made.logOf('host-agent')
    expect(agent().witnessed()).toEqual([])
    expect(
      agent()
        .setAside()
        .map(({ checkpoint }) => checkpoint.log)
        .sort(),
    ).toEqual([...kept].sort())
    await made.exchange()
    expect(
      agent()
        .witnessed()
        .map(({ log }) => log)
        .sort(),
    ).toEqual([...kept].sort())
    // Over the end of a segment, where a summary takes the place of the rows.
    await made.live(40, 'host-agent')
    await made.close('host-agent')
    await made.open('host-agent')
    expect(agent().setAside()).toHaveLength(3)
    await made.live(30)
    await made.exchange()
    expect(agent().setAside()).toEqual([])
    expect(await made.verdict()).toMatchObject({ ok: true })
  })

  it('explains a host-agent that stayed behind on the host before, which the others then witness anew', async () => {
    const backup = await before()
    const requestId = await made.restore({ backup, hostAgent: 'none' })
    await made.live(3)
    await made.exchange()
    const verdict = await made.verdict()
    expect([verdict.ok, verdict.restored]).toEqual([
      true,
      [{ log: 'host-agent', gone: expect.any(Number), heldBy: kept, requestId, cameBackWith: null }],
    ])
    expect(verdict.results.at(-1)?.anchoredTo).toBeGreaterThan(0)
  })

  it('is one of several: each explains what was lost by it', async () => {
    const backup = await before()
    const first = await made.restore({ backup })
    await made.live(20)
    await made.exchange()
    const second = made.backUp()
    await made.live(20)
    await made.exchange()
    const then = await made.restore({ backup: second })
    await made.live(5)
    await made.exchange()
    const both = await made.verdict()
    expect([both.ok, [...new Set(both.restored.map(({ requestId }) => requestId))]]).toEqual([true, [first, then]])
    // Back behind the first one, whose rows are gone with it.
    const third = await made.restore({ backup })
    await made.live(5)
    await made.exchange()
    const last = await made.verdict()
    expect([last.ok, [...new Set(last.restored.map(({ requestId }) => requestId))]]).toEqual([true, [third]])
  })

  it('stands as long as two of the logs reach back to it, where the time of the rows of one was over', async () => {
    const backup = await before()
    await made.restore({ backup })
    await made.live(120, 'devops-backend')
    await made.exchange()
    expect(await made.logOf('devops-backend').removeBefore(Number.MAX_SAFE_INTEGER, 'retention')).toBeGreaterThan(
      (backup.logs['devops-backend']?.rows ?? 0) + 1,
    )
    const verdict = await made.verdict()
    expect([verdict.ok, verdict.restored.map(({ log }) => log)]).toEqual([true, ['platform-service', 'docker-proxy']])
    await made.live(120, 'platform-service')
    await made.exchange()
    await made.logOf('platform-service').removeBefore(Number.MAX_SAFE_INTEGER, 'retention')
    expect((await made.verdict()).broken).toEqual(['docker-proxy'])
  })

  it('that an older console told of says too little, and leaves the finding as it is', async () => {
    const backup = await before()
    await made.restore({ backup, logs: {} })
    expect((await made.verdict()).broken).toEqual(kept)
  })

  it('is told by deploy.sh alone, as something that was done', () => {
    const logs = Object.fromEntries(kept.map((name) => [name, { rows: 3, head: 'a'.repeat(64) }]))
    const row = {
      action: 'console.restore.run',
      outcome: 'done',
      requestId: 'host-1',
      target: 'console-1.backup',
      actor: { kind: 'service', id: 'deploy.sh' },
      details: { told: true, at: '2026-01-01T00:00:00.000Z', by: 'root', restored: { sha256: 'b'.repeat(64), hostAgent: 'here', logs } },
    }
    const restored = (over: object) => ({ ...row, details: { ...row.details, restored: { ...row.details.restored, ...over } } })
    expect(restoreIn(row)?.restore).toMatchObject({ backup: 'console-1.backup', by: 'root', hostAgent: 'here', logs })
    for (const other of [
      { ...row, action: 'console.backup.make' },
      { ...row, outcome: 'failed' },
      { ...row, details: { ...row.details, told: undefined } },
      { ...row, actor: { kind: 'person', id: 'deploy.sh' } },
      { ...row, actor: { kind: 'service', id: 'devops-backend' } },
      { ...row, details: { ...row.details, restored: undefined } },
      restored({ sha256: 'b' }),
      restored({ hostAgent: 'away' }),
      restored({ logs: { ...logs, 'host-agent': logs['docker-proxy'] } }),
      restored({ logs: { 'platform-service': logs['platform-service'] } }),
      restored({ logs: { ...logs, 'docker-proxy': { rows: -1, head: 'a'.repeat(64) } } }),
    ])
      expect(restoreIn(other)).toBeUndefined()
  })

  it('makes no witness forget what it did not take away', async () => {
    await before()
    const backup = made.backUp()
    await made.restore({ backup })
    const [agent, proxy] = [made.logOf('host-agent'), made.logOf('docker-proxy')]
    expect([agent.witnessed().length, agent.setAside(), proxy.setAside()]).toEqual([3, [], []])
  })
})
