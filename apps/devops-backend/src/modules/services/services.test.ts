import type { HealthState } from '@console/contracts/health/schemas'
import type { ServiceInput } from '@console/contracts/services/schemas'
import type { Context } from '@console/http-kit/context'
import { AppError } from '@console/http-kit/problem'
import { openSqliteStore } from '@console/store/sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { collections } from '../../collections.ts'
import type { ServiceDoc } from '../../documents.ts'
import { byWorst } from '../health/judge-health.ts'
import { selectContainers } from './select-containers.ts'
import { createService, getService, listServices, removeService, type ServiceDeps, updateService } from './services.ts'

const ctx = (name = 'One', ifMatch?: string) => ({ actor: { name }, ifMatch }) as unknown as Context
const input = (over: Partial<ServiceInput> = {}): ServiceInput => ({
  name: 'web',
  description: '',
  environment: 'internal',
  tags: [],
  owner: '',
  url: null,
  repository: null,
  checks: [],
  scriptId: null,
  containers: { by: 'none' },
  onBusy: 'refuse',
  approval: 'none',
  verifyWindowSec: 5,
  ...over,
})

describe('services', () => {
  let store: ReturnType<typeof openSqliteStore>
  let deps: ServiceDeps
  let health: Map<string, HealthState>
  let busy: boolean
  const changed: string[] = []

  beforeEach(() => {
    store = openSqliteStore(':memory:')
    health = new Map()
    busy = false
    changed.length = 0
    deps = {
      services: store.collection<ServiceDoc>(collections.services),
      now: () => new Date('2026-03-01T12:00:00Z'),
      healthOf: (id) => ({ state: health.get(id) ?? 'unknown', since: null }),
      runsOf: async () => ({ last: null, open: busy ? { id: 'r', number: 7, state: 'running', verified: false, at: '', by: '' } : null }),
      variableNamesOf: async () => ['COLOUR'],
      assertScript: async (id) => {
        if (id !== 'known') throw new AppError('SCRIPT_NOT_FOUND', 404, 'None.')
      },
      enterTargets: (checks) => {
        if (checks.length > 0) throw new AppError('HEALTH_TARGET_REFUSED', 400, 'No.')
        return []
      },
      recordAdmitted: (_, keep) => keep(),
      changed: (id) => changed.push(id),
      byWorst,
    }
  })
  afterEach(() => store.close())

  it('are made once, by somebody, and say so', async () => {
    const made = await createService(deps, ctx(), input())
    expect(made).toMatchObject({ id: 'web', createdBy: 'One', updatedBy: 'One', variableNames: ['COLOUR'], health: 'unknown' })
    await expect(createService(deps, ctx(), input())).rejects.toMatchObject({ code: 'SERVICE_EXISTS', status: 409 })
    expect(changed).toEqual(['web'])
  })

  it('are not kept with a script that is not there or a target that is refused', async () => {
    await expect(createService(deps, ctx(), input({ scriptId: 'none' }))).rejects.toMatchObject({ code: 'SCRIPT_NOT_FOUND' })
    await expect(createService(deps, ctx(), input({ checks: [{} as never] }))).rejects.toMatchObject({ code: 'HEALTH_TARGET_REFUSED' })
    expect((await listServices(deps, {})).items).toEqual([])
  })

  it('are changed only by who read the newest, and keep name and maker', async () => {
    const { etag } = await createService(deps, ctx(), input({ scriptId: 'known' }))
    const next = await updateService(deps, ctx('Two', etag), 'web', input({ owner: 'ops' }))
    expect(next).toMatchObject({ owner: 'ops', createdBy: 'One', updatedBy: 'Two' })
    await expect(updateService(deps, ctx('Three', etag), 'web', input())).rejects.toMatchObject({
      code: 'PRECONDITION_FAILED',
      status: 412,
    })
    await expect(updateService(deps, ctx('Two', next.etag), 'web', input({ name: 'other' }))).rejects.toMatchObject({
      code: 'SERVICE_EXISTS',
    })
    await expect(updateService(deps, ctx(), 'none', input({ name: 'none' }))).rejects.toMatchObject({ code: 'SERVICE_NOT_FOUND' })
    expect((await getService(deps, 'web')).owner).toBe('ops')
  })

  it('are not removed while a run is under way', async () => {
    await createService(deps, ctx(), input())
    busy = true
    await expect(removeService(deps, 'web')).rejects.toMatchObject({ code: 'SERVICE_BUSY' })
    busy = false
    await removeService(deps, 'web')
    await expect(getService(deps, 'web')).rejects.toMatchObject({ code: 'SERVICE_NOT_FOUND', status: 404 })
  })

  it('are listed worst first, page by page, by what stands in them', async () => {
    for (const name of ['alpha', 'beta', 'gamma'])
      await createService(deps, ctx(), input({ name, tags: name === 'beta' ? ['edge'] : [], owner: name }))
    health.set('alpha', 'up').set('gamma', 'down').set('beta', 'up')
    const first = await listServices(deps, { limit: 2 })
    expect(first.items.map(({ name }) => name)).toEqual(['gamma', 'alpha'])
    const second = await listServices(deps, { limit: 2, cursor: first.nextCursor ?? '' })
    expect([second.items.map(({ name }) => name), second.nextCursor]).toEqual([['beta'], null])
    expect((await listServices(deps, { tag: 'edge' })).items.map(({ name }) => name)).toEqual(['beta'])
    expect((await listServices(deps, { q: 'GAMMA' })).items.map(({ name }) => name)).toEqual(['gamma'])
    expect((await listServices(deps, { environment: 'production' })).items).toEqual([])
  })

  it('own containers by project or by whole name', () => {
    const containers = [
      { names: ['web'], project: 'shop' },
      { names: ['web-2'], project: 'shop' },
      { names: ['db'], project: null },
    ] as never[]
    expect(selectContainers(containers, { by: 'none' })).toEqual([])
    expect(selectContainers(containers, { by: 'project', project: 'shop' })).toHaveLength(2)
    expect(selectContainers(containers, { by: 'names', names: ['web', 'db'] })).toEqual([containers[0], containers[2]])
  })
})
