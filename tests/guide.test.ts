import { type GuideMachine, startGuideMachine } from '@console/testkit/guide-machine'
import { describeNeeding } from '@console/testkit/needs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { follow } from './guide/follow.ts'
import { mainPath, takingAway } from './guide/main-path.ts'
import { minutes, openPlace, type Place } from './guide/place.ts'

/** On a machine that has nothing of the console, each command as it stands in the document, one after the other. */
describeNeeding(['guide', 'chromium'], 'the guide, followed to the letter', () => {
  let machine: GuideMachine
  let place: Place
  /** What was made is there for what follows; without the first part there is nothing to follow. */
  let began = false
  beforeAll(async () => {
    machine = await startGuideMachine()
    place = await openPlace(machine)
  }, 10 * minutes)
  afterAll(() => {
    place?.close()
    machine?.remove()
  })

  it(
    'leads from nothing to a console that is upgraded, taken back and backed up',
    async () => {
      const { run } = await follow(machine, mainPath(place))
      expect(run).toBeGreaterThan(30)
      began = true
    },
    60 * minutes,
  )

  it(
    'takes everything away',
    async () => {
      expect(began).toBe(true)
      await follow(machine, takingAway(place))
    },
    10 * minutes,
  )
})
