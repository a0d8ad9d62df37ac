import { allVerbs } from '@console/verbs/all'
import { describe, expect, it } from 'vitest'
import type { DaemonClient } from '../../clients/daemon-client.ts'
import { listPrivileges } from './privileges.ts'

const noStream = async () => Promise.reject(new Error('no stream'))
const daemon = (answer: () => unknown): DaemonClient =>
  ({ call: async () => answer(), stream: noStream, streamInBlocks: noStream, close: async () => undefined }) as DaemonClient
const told = (name: string, change: (verbs: object[]) => object[] = (verbs) => verbs) => ({
  version: '1',
  warnings: [],
  verbs: change(JSON.parse(JSON.stringify(allVerbs.filter((verb) => verb.daemon === name))) as object[]),
})
const lastUse = {
  at: '2026-01-01T00:00:00.000Z',
  by: { kind: 'person' as const, id: 'u1', name: 'One' },
  outcome: 'done' as const,
  requestId: 'r0',
}
const listed = (docker: () => unknown, agent: () => unknown) =>
  listPrivileges({
    daemons: { 'docker-proxy': daemon(docker), 'host-agent': daemon(agent) },
    serviceAsk: () => ({ as: 'service', requestId: 'r1' }),
    warnings: ['w'],
    lastUses: async () => new Map([['host-agent runs.start', lastUse]]),
  })

describe('the privilege surface', () => {
  it('has every verb with the actions that name it, and no difference where the daemons say the same', async () => {
    const { items, daemons, warnings } = await listed(
      () => told('docker-proxy'),
      () => told('host-agent'),
    )
    expect(items.map(({ id }) => id)).toEqual(allVerbs.map(({ id }) => id))
    expect(items.filter(({ actions, daemonAgrees }) => actions.length === 0 || daemonAgrees !== true)).toEqual([])
    expect(daemons.map(({ name, state, differs }) => [name, state, differs])).toEqual([
      ['docker-proxy', 'up', []],
      ['host-agent', 'up', []],
    ])
    expect(warnings).toEqual(['w'])
    expect(items.filter((verb) => verb.lastUse).map((verb) => [verb.id, verb.lastUse])).toEqual([['runs.start', lastUse]])
  })

  it('shows a verb that a daemon has more, less, or otherwise', async () => {
    const changed = (verbs: object[]) => [
      { id: 'host.shell' },
      ...verbs.flatMap((verb) => {
        const { id } = verb as { id: string }
        if (id === 'scripts.approve') return [{ ...verb, role: 'viewer' }]
        return id === 'runs.cancel' ? [] : [verb]
      }),
    ]
    const { items, daemons } = await listed(
      () => told('docker-proxy'),
      () => told('host-agent', changed),
    )
    expect(daemons[1]?.differs.sort()).toEqual(['host.shell', 'runs.cancel', 'scripts.approve'])
    expect(
      items
        .filter(({ daemonAgrees }) => daemonAgrees === false)
        .map(({ id }) => id)
        .sort(),
    ).toEqual(['runs.cancel', 'scripts.approve'])
  })

  it('says that nothing is known of a daemon that is away or talks nonsense', async () => {
    const { items, daemons } = await listed(
      () => {
        throw new Error('away')
      },
      () => ({ verbs: 'all' }),
    )
    expect(daemons.map(({ state }) => state)).toEqual(['away', 'away'])
    expect(items.every(({ daemonAgrees }) => daemonAgrees === null)).toBe(true)
  })
})
