import type { Container } from '@console/contracts/docker/schemas'
import { describe, expect, it } from 'vitest'
import { coresText } from '../../lib/metric-words.ts'
import type { Use } from './use-live-use.ts'
import { inOrder, mebibytes, memoryShare } from './use-words.ts'

const mib = 1_048_576
const use = (id: string, cores: number | null, memoryBytes: number | null, memoryLimitBytes: number | null = null): Use => ({
  id,
  cores,
  memoryBytes,
  memoryLimitBytes,
  recent: [],
})

describe('what containers use, in words', () => {
  it('has cores to a hundredth, and MiB with as many digits as decide', () => {
    expect([coresText(0), coresText(0.004), coresText(1.917)]).toEqual(['0.00', '0.00', '1.92'])
    expect([mebibytes(0.23 * mib), mebibytes(38.4 * mib), mebibytes(1_024 * mib)]).toEqual(['0.23', '38', '1,024'])
  })

  it('lights memory only near a limit of its own', () => {
    const at = (bytes: number, limit: number | null) => memoryShare(use('a', 0, bytes, limit), 1_000)?.kind
    expect([at(849, 1_000), at(850, 1_000), at(949, 1_000), at(950, 1_000), at(999, null)]).toEqual([null, 'warn', 'warn', 'bad', null])
    expect(memoryShare(use('a', 0, 100), null)).toBeNull()
    expect(memoryShare(use('a', 0, null), 1_000)).toBeNull()
    expect(memoryShare(use('a', 0, 500), 1_000)?.sentence).toBe('50\u00a0% of the machine’s memory; no limit is set')
  })

  it('puts rows in order, those without a figure last', () => {
    const of = (name: string, state = 'running') => ({ id: name, name, state }) as Container
    const all = [of('stopped', 'exited'), of('unmeasured'), of('idle'), of('busy'), of('large')]
    const uses = new Map([use('idle', 0, 5), use('busy', 2, 6), use('large', 1, 900), use('stopped', 9, 9_000)].map((one) => [one.id, one]))
    const names = (order: Parameters<typeof inOrder>[1]) => inOrder(all, order, uses).map(({ name }) => name)
    expect(names('cpu')).toEqual(['busy', 'large', 'idle', 'stopped', 'unmeasured'])
    expect(names('memory')).toEqual(['large', 'busy', 'idle', 'stopped', 'unmeasured'])
    expect(names('name')).toEqual(['busy', 'idle', 'large', 'stopped', 'unmeasured'])
    expect(names('worst')).toEqual(all.map(({ name }) => name))
  })
})
