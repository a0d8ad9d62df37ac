import { createPublicKey } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { verifyLog } from '@console/audit-chain/verifier'
import { attackCase } from '@console/testkit/attack'
import { until } from '@console/testkit/daemon-harness'
import { isDeep, reportFigure, rounds } from '@console/testkit/deep'
import { describeNeeding } from '@console/testkit/needs'
import { type RunningParts, startParts } from '@console/testkit/running-parts'
import { type CallPoint, callsDuring, whileCall } from '@console/testkit/strace'
import { afterAll, beforeAll, expect } from 'vitest'
import { createConfirming } from './confirming.ts'

type Fault = CallPoint & { readonly effect: 'kill' | 'EIO' | 'ENOSPC' }
/** Ten points of an append and of what it stands before, where the daily test tries them. */
const few: readonly Fault[] = [
  { call: 'read', nth: 1, effect: 'kill' },
  { call: 'pwrite64', nth: 1, effect: 'kill' },
  { call: 'fdatasync', nth: 1, effect: 'kill' },
  { call: 'rename', nth: 1, effect: 'kill' },
  { call: 'pwrite64', nth: 2, effect: 'kill' },
  { call: 'fdatasync', nth: 2, effect: 'kill' },
  { call: 'pwrite64', nth: 1, effect: 'ENOSPC' },
  { call: 'fdatasync', nth: 1, effect: 'EIO' },
  { call: 'pwrite64', nth: 2, effect: 'EIO' },
  { call: 'fdatasync', nth: 2, effect: 'EIO' },
]
/** Calls that may fail as a disk does; others failing is no state that a program can be in. */
const ofDisk = ['pwrite64', 'fdatasync', 'fsync', 'ftruncate', 'openat', 'rename', 'write', 'statfs']

describeNeeding(['strace', 'root'], 'a part that dies, or whose disk fails, in the middle of an append', () => {
  let parts: RunningParts
  let desk: ReturnType<typeof createConfirming>
  beforeAll(async () => {
    // One thread for the disk: then the n-th call of a name is the same one each time.
    parts = await startParts({ parts: ['platform-service', 'host-agent'], env: { 'host-agent': { UV_THREADPOOL_SIZE: '1' } } })
    parts.writeScript('hello', 'echo hello')
    desk = createConfirming(parts, 'hello')
    await desk.works()
  }, 120_000)
  afterAll(() => parts?.stop())

  const program = () => parts.running.get('host-agent')
  const pid = () => program()?.child.pid ?? 0
  const ended = () => program()?.child.exitCode !== null || program()?.child.signalCode !== null
  /** A process that was killed after it answered takes a moment to be gone. */
  const isDead = async (): Promise<boolean> => {
    const answers = () =>
      desk.plan(desk.somebody()).then(
        () => 'alive',
        () => false,
      )
    return (await until('it is dead or answers', async () => (ended() ? 'dead' : await answers()), 30_000)) === 'dead'
  }
  const approver = (): string => {
    const file = join(parts.folder, 'host-agent/scripts.d/hello.json')
    return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { approvedBy: string }).approvedBy : ''
  }
  const verdict = () => {
    const publicKey = createPublicKey({ key: JSON.parse(readFileSync(join(parts.keysDir, 'host-agent.jwk'), 'utf8')), format: 'jwk' })
    return verifyLog({ dir: join(parts.folder, 'host-agent/audit'), log: 'host-agent', publicKey })
  }

  /** One confirmed change while the fault waits; then what is on disk, before and after the next start. */
  const tryPoint = async (fault: Fault) => {
    const who = desk.somebody()
    const { digest } = await desk.plan(who)
    const shown = desk.grant(who, digest)
    const before = (await verdict()).size
    let status = 0
    let requestId = ''
    await whileCall(pid(), fault, fault.effect, async () => {
      const answer = await desk.approve(who, digest, shown)
      status = answer.status
      requestId = answer.requestId
      if (status === 0) await until('it is dead', ended, 30_000)
    })
    const name = `${fault.call} ${fault.nth} ${fault.effect}`
    const killed = await isDead()
    const atOnce = desk.outcomes(requestId)
    const acted = approver() === who.sub
    if (killed) await parts.start('host-agent')
    const after = await verdict()
    const rows = desk.outcomes(requestId)
    if (status === 200) expect([name, acted]).toEqual([name, true])
    if (killed && atOnce.length === 1) expect([name, rows]).toEqual([name, ['started', 'unknown']])
    return {
      name,
      status,
      killed,
      acted,
      corrupt: after.problems.length > 0 || after.size < before,
      unrecorded: (acted || status === 200) && atOnce[0] !== 'started',
    }
  }

  attackCase(
    'U12',
    'kill -9 and a failing disk at each system call of an append',
    async (it) => {
      const faults = isDeep ? await everyCall() : few
      const seen: Awaited<ReturnType<typeof tryPoint>>[] = []
      await it.attack('nothing on record is lost, and nothing happens that is not on record', async () => {
        for (const fault of faults) seen.push(await tryPoint(fault))
        const of = (which: (one: (typeof seen)[number]) => boolean) => seen.filter(which).map((one) => one.name)
        reportFigure('points tried', seen.length)
        reportFigure('of these died there', of(({ killed }) => killed).length)
        reportFigure('of these refused because the disk failed', of(({ status }) => status >= 500).length)
        reportFigure('corrupt logs', of(({ corrupt }) => corrupt).length)
        reportFigure('acted but not on record', of(({ unrecorded }) => unrecorded).length)
        expect({ corrupt: of(({ corrupt }) => corrupt), unrecorded: of(({ unrecorded }) => unrecorded) }).toEqual({
          corrupt: [],
          unrecorded: [],
        })
        expect(of(({ killed }) => killed).length).toBeGreaterThan(4)
        // Both sides of the effect were met.
        expect(new Set(seen.map(({ acted }) => acted)).size).toBe(2)
      })
      await it.control('without a fault the next one is carried out', () => desk.works())
      await it.row('intents that nobody could close are closed as unknown, and the chain has no gap', async () => {
        // What only lost its outcome to the disk is closed at the next start.
        await program()?.stop()
        await parts.start('host-agent')
        const rows = parts.rows('host-agent')
        expect(rows.map(({ seq }) => seq)).toEqual(rows.map((_, at) => at + 1))
        const open = new Set(rows.filter(({ outcome }) => outcome === 'started').map(({ seq }) => seq))
        for (const row of rows) open.delete((row as unknown as { of?: number }).of ?? 0)
        expect([...open]).toEqual([])
        expect(rows.filter(({ outcome }) => outcome === 'unknown').length).toBeGreaterThan(0)
      })
    },
    rounds({ test: 240_000, deep: 2_100_000 }),
  )

  /** Every call of one confirmed change, by name and count, as it was just seen; the kill at each, and the failure of those of the disk. */
  async function everyCall(): Promise<Fault[]> {
    const who = desk.somebody()
    const { digest } = await desk.plan(who)
    const points = await callsDuring(pid(), () => desk.approve(who, digest, desk.grant(who, digest)))
    expect(points.length).toBeGreaterThan(50)
    return [
      ...points.map((point) => ({ ...point, effect: 'kill' as const })),
      ...points.filter(({ call }) => ofDisk.includes(call)).map((point) => ({ ...point, effect: 'EIO' as const })),
    ]
  }
})
