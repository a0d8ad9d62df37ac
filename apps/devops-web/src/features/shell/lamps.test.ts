import { expect, it } from 'vitest'
import { jobsNeedingLook } from '../../lib/job-words.ts'
import { agentsNeedingLook, type Deviations, lampsOf } from './lamps.ts'

const quiet: Deviations = {
  down: 0,
  degraded: 0,
  failedDeploys: 0,
  sickContainers: 0,
  containersUnknown: false,
  disk: null,
  certificateDays: null,
  jobs: { n: 0, bad: false },
  agents: { n: 0, bad: false, instance: null },
  audit: { state: 'up', detail: 'Rows are written.' },
  partsAway: [],
  eventsLost: false,
}
const lampOf = (name: string, seen: Partial<Deviations>) => lampsOf({ ...quiet, ...seen }).find(({ label }) => label.startsWith(name))

it('has its lamps in one order, and none is lit when all is well', () => {
  const lamps = lampsOf(quiet)
  expect(lamps.map(({ label }) => label)).toEqual([
    'Services',
    'Deploys',
    'Containers',
    'Disk',
    'Certificates',
    'Jobs',
    'Agents',
    'Audit',
    'Console',
  ])
  expect(lamps.filter(({ lit }) => lit)).toEqual([])
})

it('lights the lamp of jobs for those that failed, broke off or are late, and leads to them', () => {
  const jobs = jobsNeedingLook([{ state: 'failed' }, { state: 'late' }, { state: 'ok' }, { state: 'not-recorded' }, { state: 'never' }])
  expect(lampOf('Jobs', { jobs })).toMatchObject({ label: 'Jobs 2', kind: 'bad', lit: true, href: '/vm?jobs=look' })
  expect(lampOf('Jobs', { jobs: jobsNeedingLook([{ state: 'late' }]) })).toMatchObject({ label: 'Jobs 1', kind: 'warn', lit: true })
  expect(lampOf('Jobs', { jobs: null })).toMatchObject({ lit: false, says: 'not known to you', href: '/vm' })
})

it('lights the lamp of agents for what is more than good to know, and leads to the worst', () => {
  const agents = agentsNeedingLook([
    { severity: 'warn', instance: 'vm' },
    { severity: 'info', instance: 'vm' },
    { severity: 'bad', instance: 'uma' },
  ])
  expect(lampOf('Agents', { agents })).toMatchObject({
    label: 'Agents 2',
    kind: 'bad',
    lit: true,
    says: '2 warnings',
    href: '/hermes?instance=uma',
  })
  const one = agentsNeedingLook([{ severity: 'warn', instance: 'vm' }])
  expect(lampOf('Agents', { agents: one })).toMatchObject({
    label: 'Agents 1',
    kind: 'warn',
    lit: true,
    says: '1 warning',
    href: '/hermes?instance=vm',
  })
  expect(lampOf('Agents', { agents: agentsNeedingLook([{ severity: 'info', instance: 'vm' }]) })).toMatchObject({
    label: 'Agents',
    lit: false,
  })
  expect(lampOf('Agents', { agents: null })).toMatchObject({ lit: false, says: 'not known', href: '/hermes' })
})
