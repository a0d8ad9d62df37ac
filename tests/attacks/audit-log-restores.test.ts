import { signCheckpoint } from '@console/audit-chain/checkpoint'
import { type FakeConsole, kept, makeConsole } from '@console/audit-chain/restored-console.fake'
import { attackCase } from '@console/testkit/attack'
import { afterEach, beforeEach, describe, expect } from 'vitest'

// What the verifier tells of a row stands for the audit row in these cases: it is the audit log itself that is attacked.
describe('a restore as an excuse', () => {
  let made: FakeConsole
  const begin = async () => {
    made = await makeConsole()
    await made.live(3)
    await made.exchange()
  }
  beforeEach(begin)
  afterEach(() => made.remove())
  /** A backup, and what is done and witnessed after it. */
  const backUpAndLive = async () => {
    const backup = made.backUp()
    await made.live(9)
    await made.exchange()
    return backup
  }
  /** Whoever holds the key of platform-service and its folder sets it back, and leaves the row of a restore that was. */
  const cutAgain = async (backup: ReturnType<FakeConsole['backUp']>, requestId: string) => {
    await made.setBack(backup, 'platform-service')
    await made.repeat(requestId, 'platform-service')
    await made.live(30, 'platform-service')
  }
  const brokenAre = async (...logs: readonly string[]) => expect((await made.verdict()).broken).toEqual(logs)

  attackCase('U25', 'a log that is cut and calls itself restored', async (it) => {
    const backup = await backUpAndLive()
    await it.attack('told by the part itself, by both services, and by all but the one that holds what it witnessed', async () => {
      await made.setBack(backup, 'platform-service')
      const requestId = await made.tell({ backup, to: ['platform-service'] })
      await brokenAre('platform-service')
      await made.repeat(requestId, 'devops-backend')
      await brokenAre('platform-service')
      await made.repeat(requestId, 'docker-proxy')
      await brokenAre('platform-service')
    })
    const requestId = await made.restore({ backup })
    await it.control('one that was, and that all four were told of', async () => {
      expect(await made.verdict()).toMatchObject({ ok: true, restored: kept.map((log) => ({ log, requestId })) })
    })
    await it.row('each finding says who holds what of it', async () => {
      const { results } = await made.verdict()
      expect(results[0]?.restored).toMatchObject([
        { heldBy: ['host-agent'], backup: 'console-1.backup', by: 'deploy.sh, by root', requestId },
      ])
    })
  })

  attackCase('U26', 'a restore that was, as the excuse for more', async (it) => {
    /** Each on four logs of its own: what was tampered with stays so. */
    const attack = (what: string, body: () => Promise<void>) =>
      it.attack(what, async () => {
        await made.remove()
        await begin()
        await body()
      })
    await attack('cut again after it, with its row repeated in the part and even where it was witnessed', async () => {
      const backup = await backUpAndLive()
      const requestId = await made.restore({ backup })
      await made.live(12)
      await made.exchange(['host-agent'])
      await cutAgain(backup, requestId)
      await brokenAre('platform-service', 'devops-backend', 'docker-proxy')
      await made.repeat(requestId, 'host-agent')
      expect((await made.verdict()).kindsOf('platform-service')).toContain('rewritten')
    })
    await attack('cut again after it, and witnessed by those that were restored with it', async () => {
      const backup = await backUpAndLive()
      const requestId = await made.restore({ backup })
      await made.live(12)
      await made.exchange(kept)
      await cutAgain(backup, requestId)
      expect((await made.verdict()).broken).toContain('platform-service')
    })
    await attack('told with another length in one log', async () => {
      const backup = await backUpAndLive()
      const requestId = await made.restore({ backup })
      await brokenAre()
      await made.setBack(backup, 'docker-proxy')
      const less = { ...backup.logs, 'platform-service': { rows: 1, head: 'e'.repeat(64) } }
      await made.tell({ backup, logs: less, to: ['docker-proxy'], requestId })
      expect((await made.verdict()).broken).toEqual(kept)
    })
    await attack('rows changed before the place at which it came back, which nobody had witnessed', async () => {
      await made.live(3, 'platform-service')
      const backup = await backUpAndLive()
      await made.restore({ backup })
      await brokenAre()
      await made.rewrite('platform-service', backup.logs['platform-service']?.rows ?? 0)
      expect((await made.verdict()).broken).toContain('platform-service')
    })
    await attack('rows changed before the backup was made, which host-agent alone had witnessed', async () => {
      await made.live(3, 'platform-service')
      await made.exchange(['host-agent'])
      await made.rewrite('platform-service', made.logOf('platform-service').head.seq - 1)
      const backup = await backUpAndLive()
      await made.restore({ backup })
      await made.live(30)
      expect((await made.verdict()).kindsOf('platform-service')).toContain('rewritten')
    })
    await attack('a backup of which one log is older than the others', async () => {
      const early = await backUpAndLive()
      const late = await backUpAndLive()
      await made.restore({ backup: made.mixed(late, early, 'platform-service') })
      expect((await made.verdict()).kindsOf('platform-service')).toContain('cut')
    })
    await attack('what is kept outside, with a time that its signer dated back', async () => {
      const backup = await backUpAndLive()
      const requestId = await made.restore({ backup })
      await made.live(40, 'platform-service')
      const { seq, hash } = made.logOf('platform-service').head
      const { genesis } = await made.logOf('platform-service').checkpoint()
      const said = { log: 'platform-service', genesis, size: seq, head: hash, at: '2026-01-01T00:00:01.000Z' }
      await cutAgain(backup, requestId)
      await brokenAre()
      // By whatever name it is kept.
      const copy = { by: 'host-agent', checkpoint: signCheckpoint(made.keys['platform-service'].key, said) }
      expect((await made.verdict([copy])).broken).toContain('platform-service')
    })
    await attack('a log that does not hold speaks for nobody', async () => {
      const backup = await backUpAndLive()
      await made.restore({ backup })
      await made.live(5)
      await made.exchange()
      await brokenAre()
      await made.rewrite('docker-proxy', made.logOf('docker-proxy').head.seq - 6)
      expect((await made.verdict()).broken).toEqual(kept)
    })
    await it.control('the same restore, with nothing added', async () => {
      await made.remove()
      await begin()
      await made.restore({ backup: await backUpAndLive() })
      await brokenAre()
    })
    await it.row('what explains nothing is told as ever', async () => {
      expect((await made.verdict()).results.flatMap(({ problems }) => problems)).toEqual([])
    })
  })

  attackCase('U27', 'a log of the host that is replaced after a restore', async (it) => {
    const replaced = async () => {
      await made.close('host-agent')
      made.forget('host-agent')
      await made.open('host-agent')
    }
    await it.attack('where it had stayed', async () => {
      const requestId = await made.restore({ backup: await backUpAndLive() })
      await replaced()
      await made.repeat(requestId, 'host-agent')
      expect((await made.verdict()).kindsOf('host-agent')).toEqual(['checkpoint-signature'])
    })
    const backup = made.backUp()
    await it.control('one that stayed behind on the host before', async () => {
      await made.restore({ backup, hostAgent: 'none' })
      await made.live(5)
      await made.exchange()
      expect(await made.verdict()).toMatchObject({ ok: true, restored: [{ log: 'host-agent', cameBackWith: null }] })
    })
    await it.attack('once the others have witnessed the new one', async () => {
      await replaced()
      await brokenAre('host-agent')
    })
    await it.row('the others refuse it, and say so', async () => {
      await made.exchange()
      const { rows } = await made.logOf('docker-proxy').read({ order: 'desc', limit: 20, filter: { outcome: 'denied' } })
      expect(rows[0]).toMatchObject({ target: 'host-agent', code: 'CHECKPOINT_GENESIS' })
    })
  })
})
