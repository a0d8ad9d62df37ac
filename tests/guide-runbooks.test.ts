import { type GuideMachine, startGuideMachine } from '@console/testkit/guide-machine'
import { describeNeeding } from '@console/testkit/needs'
import { afterAll, beforeAll, it } from 'vitest'
import { books } from './guide/books.ts'
import { follow } from './guide/follow.ts'
import { toACertificate } from './guide/main-path.ts'
import { minutes, openPlace, type Place } from './guide/place.ts'

/** On one machine with a console that the guide brought up, one incident after the other: made, seen, and ended as its runbook says. */
describeNeeding(['guide', 'chromium'], 'the runbooks, followed to the letter', () => {
  let machine: GuideMachine
  let place: Place
  beforeAll(async () => {
    machine = await startGuideMachine()
    place = await openPlace(machine)
    await follow(machine, toACertificate(place))
  }, 30 * minutes)
  afterAll(() => {
    place?.close()
    machine?.remove()
  })

  it.each(books)(
    '$name: what is wrong is seen as the runbook says, and is well after its last step',
    async ({ go }) => {
      await go(place)
      await place.areWell()
    },
    20 * minutes,
  )
})
