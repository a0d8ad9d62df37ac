import { openLocalPlace, openVmPlace } from '@console/testkit/agent-place'
import { describeNeeding } from '@console/testkit/needs'
import { describe } from 'vitest'
import { supervisorConformance } from './supervisor.conformance.ts'

describe('runs on this machine', () => supervisorConformance(openLocalPlace))
describeNeeding('vm', 'runs as transient units, on a machine with systemd', () => supervisorConformance(openVmPlace))
