import { idOf, inspection, listRow } from '@console/testkit/fake-container'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { containerEvent, inspectedContainer, listedContainer } from './projection.ts'

const id = idOf('a1')

/** A canary in every field of every object that is not one that is kept. */
function planted(value: unknown, at = 'x'): unknown {
  if (Array.isArray(value)) return value.map((item, index) => planted(item, `${at}${index}`))
  if (typeof value !== 'object' || value === null) return value
  const inside = Object.entries(value).map(([name, item]) => [name, planted(item, `${at}${name}`)])
  return { ...Object.fromEntries(inside), FutureField: 'canary', FutureObject: { Deep: ['canary'] } }
}

describe('what leaves of a container', () => {
  const secret = {
    Command: 'run canary',
    Labels: { 'com.docker.compose.service': 'web', 'traefik.auth': 'canary', 'com.bytelyst.canary2': 'fine' },
    Mounts: [
      {
        Type: 'bind',
        Source: '/srv/canary',
        Destination: '/data',
        RW: true,
        VolumeOptions: { DriverConfig: { Options: { o: 'canary' } } },
      },
    ],
    NetworkSettings: { Networks: { bridge: { Aliases: ['canary'], IPAddress: 'canary' } } },
  }
  it('is what is named, of the list and of the inspection, whatever else an engine sends', () => {
    const row = listedContainer(planted(listRow({ id, name: 'alpha', listed: secret })))
    const detail = inspectedContainer(
      planted(
        inspection({
          id,
          name: 'alpha',
          inspected: {
            Path: 'canary',
            Args: ['canary'],
            State: {
              Status: 'running',
              Health: { Status: 'unhealthy', FailingStreak: 2, Log: [{ Start: 's', End: 'e', ExitCode: 1, Output: 'canary' }] },
            },
            Config: {
              Env: ['SECRET=canary', 'B=canary'],
              Cmd: ['canary'],
              Entrypoint: ['canary'],
              Healthcheck: { Test: ['canary'] },
              Labels: secret.Labels,
            },
            HostConfig: {
              Binds: ['canary:/x'],
              LogConfig: { Config: { token: 'canary' } },
              Sysctls: { a: 'canary' },
              NetworkMode: 'canary',
            },
          },
        }),
      ),
    )
    expect(JSON.stringify([row, detail])).not.toMatch(/canary(?!2)/i)
    expect(row?.labels).toEqual({ 'com.docker.compose.service': 'web' })
    expect(detail).toMatchObject({ envCount: 2, health: 'unhealthy', healthLog: [{ exitCode: 1 }], networkMode: 'other' })
  })

  it('holds no text that is long, or that moves a cursor or turns text around', () => {
    const text = `\u001b[31m\u202e${'x'.repeat(10_000)}<b>`
    const label = listedContainer(listRow({ id, name: 'alpha', labels: { 'com.bytelyst.note': text } }))?.labels['com.bytelyst.note'] ?? ''
    expect(label).toMatch(/^\[31mx+$/)
    expect(label.length).toBeLessThanOrEqual(256)
  })

  it('is a container or nothing, for anything at all', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        expect(listedContainer(value)).toBeNull()
        expect(inspectedContainer(value)).toMatchObject({ tty: false, privileged: false })
      }),
      { numRuns: 500, seed: 3 },
    )
  })

  it('is read in every shape of its members', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...Object.keys(listRow({ id, name: 'alpha' }))), fc.anything()), (over) => {
        const container = listedContainer({ ...over, Id: id })
        expect(container).toMatchObject({ id, names: expect.any(Array), ports: expect.any(Array), labels: expect.any(Object) })
      }),
      { numRuns: 500, seed: 4 },
    )
  })
})

describe('an event', () => {
  const event = (Action: unknown, more = {}) => ({
    Type: 'container',
    Action,
    Actor: { ID: id, Attributes: { password: 'canary' } },
    timeNano: 5,
    ...more,
  })
  it('is its container and its action, cut before anything that a command could hold', () => {
    expect(containerEvent(event('health_status: healthy'))).toEqual({ id, action: 'health_status', atNano: 5 })
  })
  it.each([
    ['a command that is run inside', event('exec_create: sh -c login -pHunter2')],
    ['one of an image', event('pull', { Type: 'image' })],
    ['one without a whole id', event('start', { Actor: { ID: 'abc' } })],
    ['no event', 'start'],
  ])('is none for %s', (_, value) => expect(containerEvent(value)).toBeNull())
})
