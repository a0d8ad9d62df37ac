import { onlyOlder } from '@console/log-text/status-age'
import { idOf, listRow } from '@console/testkit/fake-container'
import { describe, expect, it } from 'vitest'
import { createHeldContainers } from './held-containers.ts'
import type { ModelEvent } from './model-events.ts'
import { type Container, listedContainer } from './projection.ts'

describe('the age in a status', () => {
  const ages = [
    'Less than a second',
    '1 second',
    '59 seconds',
    'About a minute',
    '2 minutes',
    'About an hour',
    '47 hours',
    '2 days',
    '2 weeks',
    '2 months',
    '2 years',
  ]

  it('only grows while nothing happens', () => {
    for (const [at, age] of ages.entries())
      for (const [later, other] of ages.entries()) {
        expect([age, other, onlyOlder(`Up ${age} (healthy)`, `Up ${other} (healthy)`)]).toEqual([age, other, later >= at])
        expect(onlyOlder(`Exited (0) ${age} ago`, `Exited (0) ${other} ago`)).toBe(later >= at)
      }
  })

  it.each([
    ['Up 2 minutes', 'Up 3 minutes (unhealthy)'],
    ['Up 2 minutes', 'Up 3 minutes (Paused)'],
    ['Up 2 minutes', 'Exited (0) 3 minutes ago'],
    ['Exited (0) 2 minutes ago', 'Exited (1) 2 minutes ago'],
    ['Created', 'Up 1 second'],
  ])('is not all that differs between %s and %s', (before, now) => expect(onlyOlder(before, now)).toBe(false))
})

describe('a whole list', () => {
  const row = (status: string, over: object = {}): Container =>
    listedContainer(listRow({ id: idOf('a1'), name: 'alpha', status, listed: over })) as Container
  const after = (...lists: Container[]) => {
    const told: ModelEvent[] = []
    const held = createHeldContainers({ tell: (event) => told.push(event) })
    const doubtful = lists.map((container) => held.takeList([container]).length)
    return { told: told.length, doubtful, shown: held.all()[0]?.status }
  }

  it('in which all is only older tells nobody, asks for nothing more, and is kept', () => {
    expect(after(row('Up 3 seconds'), row('Up 50 seconds'), row('Up About a minute'))).toEqual({
      told: 1,
      doubtful: [1, 0, 0],
      shown: 'Up About a minute',
    })
  })

  it('in which one began anew, fell ill or has another label tells it', () => {
    expect(after(row('Up 3 minutes'), row('Up 2 seconds'))).toMatchObject({ told: 2, doubtful: [1, 1] })
    expect(after(row('Up 3 minutes'), row('Up 3 minutes (unhealthy)'))).toMatchObject({ told: 2, doubtful: [1, 1] })
    expect(after(row('Up 3 minutes'), row('Up 4 minutes', { Labels: { 'com.docker.compose.service': 'web' } }))).toMatchObject({
      told: 2,
      doubtful: [1, 0],
    })
  })
})

describe('who is meant by a reference', () => {
  const one = (id: string, name: string): Container => listedContainer(listRow({ id, name })) as Container
  const held = createHeldContainers({ tell: () => undefined })
  const code = (ref: string): unknown => {
    try {
      return held.find(ref).container.name
    } catch (error) {
      return (error as { code: string }).code
    }
  }

  it('is told by a whole name or a full id, and by nothing that is both of two', () => {
    held.takeList([one(idOf('a1'), 'alpha'), one(idOf('b2'), idOf('a1')), one(idOf('c3'), 'gamma')])
    expect([code('alpha'), code(idOf('c3')), code('gamma')]).toEqual(['alpha', 'gamma', 'gamma'])
    expect(code(idOf('a1'))).toBe('DOCKER_CONTAINER_AMBIGUOUS')
    expect([code('a1'), code('alph'), code('')]).toEqual(Array(3).fill('DOCKER_CONTAINER_NOT_FOUND'))
  })

  it('is nobody any more once a whole list is without them', () => {
    held.takeList([one(idOf('c3'), 'gamma')])
    expect([code('alpha'), code('gamma'), held.idOf(idOf('a1'))]).toEqual(['DOCKER_CONTAINER_NOT_FOUND', 'gamma', null])
  })
})
