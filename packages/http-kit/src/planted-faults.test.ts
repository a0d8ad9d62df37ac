import { type Action, defineAction } from '@console/contracts/action'
import { allActions, unnamedVerbs } from '@console/contracts/all-actions'
import { allVerbs } from '@console/verbs/all'
import { restartContainer } from '@console/verbs/containers'
import { afterEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { startToy, type Toy } from './toy-service.fake.ts'

/** Each fault is planted, so that what would catch it is seen to catch it. */
describe('a fault that somebody plants', () => {
  let toy: Toy
  afterEach(() => toy?.app.close())

  it.each([
    { when: 'before the actions are mounted', early: true },
    { when: 'after them', early: false },
  ])('as a stray route $when stops the start', async ({ early }) => {
    const stray = async () => 'x'
    if (early) await expect(startToy({ before: (app) => app.get('/stray', stray) })).rejects.toThrow('[GET /stray]')
    else await expect(startToy({ after: (app) => app.get('/stray', stray) })).rejects.toThrow('GET /stray is neither an action nor')
    toy = await startToy()
    expect((await fetch(`http://127.0.0.1:${toy.port}/stray`, { headers: { host: 'localhost' } })).status).toBe(404)
  })

  it.each([true, false])('is none where the path is on the list, before the actions or after them', async (early) => {
    const listed = (app: Toy['app']) => app.get('/listed', async () => 'x')
    toy = await startToy({ strayPaths: ['/listed'], ...(early ? { before: listed } : { after: listed }) })
    expect((await fetch(`http://127.0.0.1:${toy.port}/listed`)).status).toBe(200)
    await expect(startToy({ strayPaths: ['/listed'], before: (app) => app.get('/listed/not', async () => 'x') })).rejects.toThrow(
      '[GET /listed/not]',
    )
  })

  it.each(['get', 'post', 'put', 'delete', 'options', 'all'] as const)(
    'as a stray route of method %s in a plugin stops the start',
    async (method) => {
      const after: Parameters<typeof startToy>[0] = {
        after: (app) =>
          void app.register(async (inner) => {
            inner[method]('/hidden', async () => 'x')
          }),
      }
      await expect(startToy(after)).rejects.toThrow('/hidden is neither an action nor')
    },
  )

  it('as an action that nobody carries out, or two do, stops the start', async () => {
    await expect(startToy({ bound: (all) => all.slice(1) })).rejects.toThrow('without a handler: [toy.thing.get]')
    await expect(startToy({ bound: (all) => [...all, ...all.slice(0, 1)] })).rejects.toThrow('bound twice: [toy.thing.get]')
    await expect(
      startToy({
        bound: (all) =>
          all.map((one) => (one.action.id === 'toy.thing.get' ? { ...one, action: { ...one.action, id: 'toy.thing.other' } } : one)),
      }),
    ).rejects.toThrow('not declared: [toy.thing.other]')
  })

  // That it does not compile either is held by `action.test.ts`, line by line.
  it.each([
    { what: 'a change', more: { risk: 'change' } },
    { what: 'a destroy', more: { risk: 'destroy', confirm: 'Gone.' } },
    { what: 'a change by its verb', more: { verb: restartContainer } },
  ])('as $what without audit stops the start', ({ more }) => {
    const spec = {
      id: 'toy.thing.plant',
      api: 'devops',
      method: 'POST',
      path: '/plant',
      auth: 'session',
      summary: 'Plant.',
      errors: [],
      ...more,
    }
    const audit = { target: { fixed: 'x' }, fields: {} }
    const success = { status: 200, body: z.strictObject({}) }
    expect(() => defineAction({ ...spec, success } as never)).toThrow('toy.thing.plant: what changes something is audited')
    expect((defineAction({ ...spec, success, audit } as never) as Action).id).toBe('toy.thing.plant')
  })

  it('as a verb that no action names stops the start', () => {
    const planted = { ...restartContainer, id: 'containers.plant' } as unknown as (typeof allVerbs)[number]
    expect(unnamedVerbs(allActions, [...allVerbs, planted])).toEqual(['docker-proxy containers.plant'])
    expect(
      unnamedVerbs(
        allActions.filter(({ verb }) => verb !== restartContainer),
        allVerbs,
      ),
    ).toEqual(['docker-proxy containers.restart'])
  })
})
