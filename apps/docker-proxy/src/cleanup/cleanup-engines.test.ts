import { isDeep } from '@console/testkit/deep'
import { describeNeeding } from '@console/testkit/needs'
import { ownEngines } from '@console/testkit/own-engine'
import { describe } from 'vitest'
import { cleanupConformance } from './cleanup.conformance.ts'
import { fakePlayground, realPlayground } from './playgrounds.fake.ts'

describe('a cleanup at the recording engine', () => cleanupConformance('the recording engine', fakePlayground))

for (const { part, what, command } of ownEngines)
  describeNeeding(part, `a cleanup at ${what}`, () => cleanupConformance(what, () => realPlayground(command), isDeep))
