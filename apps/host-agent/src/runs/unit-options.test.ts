import { expect, it } from 'vitest'
import type { CheckWork } from '../code/check-desk.ts'
import { unitOptions } from './unit-options.ts'

const aRun = { runId: 'r1', graceMs: 1_500, timeoutSec: 30 }
const held = [
  '--unit=bytelyst-r1.service',
  '--collect',
  '--quiet',
  '--pipe',
  '--service-type=exec',
  '--property=KillMode=control-group',
  '--property=SendSIGKILL=yes',
]
const ends = ['--property=TimeoutStopSec=2', '--property=RuntimeMaxSec=90']

it('holds the checks of a project to their memory, without swap, and to their processes, and lets the wrapper tell', () => {
  expect(unitOptions({ ...aRun, check: { memoryMb: 512 } as CheckWork }, {})).toEqual([
    ...held,
    '--property=TasksMax=1024',
    '--property=MemoryMax=512M',
    '--property=MemorySwapMax=0',
    '--property=CPUWeight=50',
    '--property=OOMPolicy=continue',
    '--property=OOMScoreAdjust=-800',
    ...ends,
  ])
})

it('holds a script, which an admin approved, to its processes', () => {
  expect(unitOptions({ ...aRun, check: null }, { NODE_COMPILE_CACHE: '/cache' })).toEqual([
    ...held,
    '--property=TasksMax=4096',
    ...ends,
    '--setenv=NODE_COMPILE_CACHE=/cache',
  ])
})
