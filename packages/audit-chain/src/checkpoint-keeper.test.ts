import { expect, test } from 'vitest'
import { createCheckpointKeeper } from './checkpoint-keeper.ts'

function aKeeper() {
  const clock = { ms: 1_000_000 }
  return { clock, keeper: createCheckpointKeeper({ peers: ['docker-proxy', 'host-agent'], now: () => clock.ms }) }
}

test('a checkpoint is due at the start, every minute even without rows, and every 100 rows', () => {
  const { clock, keeper } = aKeeper()
  expect(keeper.due(0)).toBe(true)
  keeper.issued(0)
  expect([keeper.due(0), keeper.due(99), keeper.due(100)]).toEqual([false, false, true])
  clock.ms += 59_999
  expect(keeper.due(0)).toBe(false)
  clock.ms += 1
  expect(keeper.due(0)).toBe(true)
})

test('a clock set back does not silence the heartbeat', () => {
  const { clock, keeper } = aKeeper()
  keeper.issued(0)
  clock.ms -= 3_600_000
  expect(keeper.due(0)).toBe(true)
})

test('five minutes without being witnessed, or without a new one from a peer, is an alarm, raised once until it recovers', () => {
  const { clock, keeper } = aKeeper()
  clock.ms += 299_999
  expect(keeper.newlyLate()).toEqual([])
  keeper.witnessed('docker-proxy')
  keeper.received('docker-proxy')
  keeper.received('host-agent')
  clock.ms += 1
  expect(keeper.newlyLate()).toEqual([{ kind: 'not-witnessed', peer: 'host-agent', sinceMs: 1_000_000 }])
  expect(keeper.newlyLate()).toEqual([])
  expect(keeper.late()).toHaveLength(1)
  keeper.witnessed('host-agent')
  expect(keeper.late()).toEqual([])
  clock.ms += 300_000
  expect(keeper.newlyLate().map(({ kind, peer }) => `${kind} ${peer}`)).toEqual([
    'not-witnessed docker-proxy',
    'not-received docker-proxy',
    'not-witnessed host-agent',
    'not-received host-agent',
  ])
})

test('a stranger does not count', () => {
  const { clock, keeper } = aKeeper()
  clock.ms += 300_000
  keeper.witnessed('stranger')
  expect(keeper.late()).toHaveLength(4)
})
