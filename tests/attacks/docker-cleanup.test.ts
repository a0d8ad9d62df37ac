import { attackCase } from '@console/testkit/attack'
import { until } from '@console/testkit/daemon-harness'
import { idOf } from '@console/testkit/fake-container'
import { type ProxyRig, startProxyRig } from '@console/testkit/proxy-rig'
import { afterAll, beforeAll, beforeEach, describe, expect } from 'vitest'
import { cleaningUp, type Plan, tryWithoutPlan } from './cleaning-up.ts'

const withinMs = 60_000
const sha = (prefix: string): string => `sha256:${idOf(prefix)}`
const anonymous = 'e'.repeat(64)
const mark = { 'com.bytelyst.protect': 'true' }

describe('cleaning up through docker-proxy', () => {
  let rig: ProxyRig
  beforeAll(async () => {
    rig = await startProxyRig()
  }, 120_000)
  afterAll(() => rig?.stop(), 60_000)
  beforeEach(() => {
    rig.kit.nextPerson()
    rig.engine.script(null)
    const { images, volumes, cache } = rig.engine.disk
    for (const kept of [images, volumes, cache]) kept.clear()
    for (const id of [...rig.engine.containers.keys()]) if (id !== rig.alpha.id) rig.engine.remove(id)
    rig.engine.forget()
  })

  const ended = (id: string, name: string, more: object = {}) => rig.engine.add({ id: idOf(id), name, state: 'exited', ...more })
  const image = (prefix: string, tags: string[], more: object = {}) =>
    rig.engine.disk.images.set(sha(prefix), { id: sha(prefix), tags, ...more })
  const volume = (name: string, more: object = {}) => rig.engine.disk.volumes.set(name, { name, ...more })
  const removals = () => rig.reached().filter((line) => /^(DELETE|POST)/.test(line))
  const { plan, grant, run, carriedOut, told, kept, endRows, onRecord } = cleaningUp(() => rig)

  attackCase('D13', 'ids and names that would say more to the engine than they are', async ({ attack, control, row }) => {
    const odd = ['x"]}', 'a,b', 'up%22', 'é', '../x']
    for (const id of [...odd, 'plain1']) rig.engine.disk.cache.set(id, { id })
    for (const name of ['a/../../x', 'a"b', '%2e%2e']) volume(name)
    const made = await plan({ kinds: ['volumes', 'build-cache'], volumes: ['a/../../x', 'a"b', '%2e%2e'] })
    await attack('are not in the plan, and no filter holds one', async () => {
      expect(made.plan.items.map(({ id }) => id)).toEqual(['plain1'])
      expect(Object.values(kept(made)).every((why) => why === 'unnameable')).toBe(true)
    })
    await control('a plain one goes, alone in the one filter that holds a value', async () => {
      expect(told(await carriedOut(made.digest))).toEqual([])
      expect(removals()).toEqual(['POST /v1.41/build/prune?filters=%7B%22id%22%3A%5B%22plain1%22%5D%7D HTTP/1.1'])
    })
    await row('the run and its end', () => onRecord(made.digest))
  })

  attackCase('D14', 'a cleanup without its plan, its confirmation or its person', async (trial) => {
    ended('c1', 'ended')
    await tryWithoutPlan(rig, trial, removals)
  })

  attackCase('D15', 'what is made after the plan', async ({ attack, control, row }) => {
    const all = { kinds: ['containers', 'images', 'volumes'], images: 'unused' }
    ended('c1', 'planned')
    image('b1', ['planned:1'])
    volume(anonymous)
    const { digest } = await plan(all)
    ended('c2', 'later')
    image('b2', ['later:1'])
    volume('f'.repeat(64))
    await control('what was planned goes', async () => expect(told(await carriedOut(digest))).toEqual([]))
    await attack('stays, since it is not in the plan', async () => {
      expect([...rig.engine.containers.keys()].sort()).toEqual([rig.alpha.id, idOf('c2')].sort())
      expect([[...rig.engine.disk.images.keys()], [...rig.engine.disk.volumes.keys()]]).toEqual([[sha('b2')], ['f'.repeat(64)]])
    })
    await row('the run and its end', () => onRecord(digest))
  })

  attackCase('D16', 'what is marked, before the plan and after it', async ({ attack, control, row }) => {
    ended('c1', 'marked', { labels: mark })
    ended('c2', 'gateway')
    image('b1', ['marked:1'], { labels: mark })
    image('b2', ['later:1'])
    image('b3', ['plain:1'])
    volume(anonymous, { labels: mark })
    volume('f'.repeat(64))
    const made = await plan({ kinds: ['containers', 'images', 'volumes'], images: 'unused' })
    image('b2', ['later:1'], { labels: mark })
    volume('f'.repeat(64), { labels: mark })
    await attack('stays, and is told', async () => {
      expect(kept(made)).toMatchObject({ [idOf('c1')]: 'label', [idOf('c2')]: 'console', [sha('b1')]: 'label', [anonymous]: 'label' })
      expect(told(await carriedOut(made.digest))).toEqual([
        [sha('b2'), 'kept', 'label'],
        ['f'.repeat(64), 'kept', 'label'],
      ])
    })
    await control('one without a mark goes', async () => expect(rig.engine.disk.images.has(sha('b3'))).toBe(false))
    await row('the run and its end', () => onRecord(made.digest))
  })

  attackCase('D17', 'a volume with a name', async ({ attack, control, row }) => {
    for (const name of ['ticked', 'not-ticked', 'taken', 'raced']) volume(name)
    const made = await plan({ kinds: ['volumes'], volumes: ['ticked', 'taken', 'raced'] })
    const Mounts = [{ Type: 'volume', Name: 'taken' }]
    ended('c1', 'takes', { listed: { Mounts } })
    rig.engine.script((line) => (line.startsWith('DELETE') && line.includes('/volumes/raced') ? { status: 409, body: {} } : undefined))
    await attack('stays when it was not ticked, and when it came into use, by our look or by the engine’s', async () => {
      expect(kept(made)).toEqual({ 'not-ticked': 'unnamed' })
      expect(told(await carriedOut(made.digest)).sort()).toEqual([
        ['raced', 'kept', 'in-use'],
        ['taken', 'kept', 'in-use'],
      ])
    })
    await control('goes when it was ticked', async () =>
      expect([...rig.engine.disk.volumes.keys()].sort()).toEqual(['not-ticked', 'raced', 'taken']),
    )
    await row('the run and its end', () => onRecord(made.digest))
  })

  attackCase('D18', 'force, and the engine’s own prune', async ({ attack, control, row }) => {
    ended('c1', 'ended')
    image('b1', ['one:1', 'two:1'])
    volume(anonymous)
    rig.engine.disk.cache.set('record1', { id: 'record1' })
    const { digest } = await plan({ kinds: ['containers', 'images', 'volumes', 'build-cache'], images: 'unused' })
    await attack('cannot be asked for', async () => {
      for (const more of [{ force: true }, { v: 1 }, { all: true }, { filters: '{}' }])
        expect((await rig.kit.ask('cleanup.run', { digest, ...more }, 'admin', grant(digest))).body.code).toBe('INPUT_INVALID')
      expect(removals()).toEqual([])
    })
    await control('the plan goes without them', async () => {
      expect(told(await carriedOut(digest))).toEqual([])
      expect(rig.engine.bytes()).not.toMatch(/force|[?&]v=|[?&]all=(?!1 )/)
      expect(removals().filter((line) => /\/prune/.test(line)).length).toBe(
        removals().filter((line) => line.includes('/build/prune')).length,
      )
      const changing = rig.engine.requests.filter(({ line }) => /^(DELETE|POST)/.test(line))
      for (const { headers, body } of changing)
        expect([headers.includes('content-length: 0'), headers.some((one) => /^content-type/i.test(one)), body]).toEqual([true, false, ''])
    })
    await row('the run and its end', () => onRecord(digest))
  })

  attackCase('D19', 'images with names, and the parents of images', async ({ attack, control, row }) => {
    image('b1', ['tagged:1'])
    image('b2', ['two:1', 'two:2'])
    image('b3', [])
    image('b4', ['parent:1'])
    image('b5', ['child:1'], { parentId: sha('b4') })
    await attack('are not what is dangling', async () => {
      const careful = await plan({ kinds: ['images'] })
      expect(careful.plan.items.map(({ id }) => id)).toEqual([sha('b3')])
      expect(kept(careful)).toMatchObject({ [sha('b1')]: 'scope', [sha('b2')]: 'scope', [sha('b4')]: 'parent' })
    })
    const { digest } = await plan({ kinds: ['images'], images: 'unused' })
    await control('go name by name where that was chosen, and a parent stays', async () => {
      expect(told(await carriedOut(digest))).toEqual([])
      expect([...rig.engine.disk.images.keys()]).toEqual([sha('b4')])
      expect(removals().every((line) => line.includes('?noprune=1 '))).toBe(true)
      expect(removals().filter((line) => line.includes('two:1')).length).toBe(1)
    })
    await row('the run and its end', () => onRecord(digest))
  })

  attackCase('D24', 'many who ask for the disk use', async ({ attack, control, row }) => {
    const measured = () => rig.reached().filter((line) => line.includes('/system/df')).length
    await rig.kit.ask('disk.usage', {}, 'viewer')
    const before = measured()
    await attack('are one question to the engine at most', async () => {
      const six = await Promise.all(Array.from({ length: 6 }, () => rig.kit.ask('disk.usage', {}, 'viewer')))
      expect(six.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200])
      expect(measured() - before).toBeLessThanOrEqual(1)
    })
    await control('and the next is told when it was measured', async () => {
      const { body } = await rig.kit.ask('disk.usage', {}, 'viewer')
      expect(Date.parse(String(body.measuredAt))).toBeLessThanOrEqual(Date.now())
    })
    await row('a refusal of nobody known has one', async () => {
      expect((await rig.kit.ask('disk.usage', {}, 'nobody')).status).toBe(401)
      expect(await rig.refusals(({ action }) => action === 'disk.usage')).toBeGreaterThan(0)
    })
  })

  attackCase('D25', 'two cleanups at once', async ({ attack, control, row }) => {
    ended('c1', 'one')
    volume(anonymous)
    const [first, second] = [await plan({ kinds: ['containers'] }), await plan({ kinds: ['volumes'] })]
    const held = Promise.withResolvers<undefined>()
    rig.engine.script((line) => (line.startsWith('DELETE') ? held.promise : undefined))
    const answers = [run(first.digest, grant(first.digest)), run(first.digest, grant(first.digest))]
    await until('one removes', () => removals().length === 1, withinMs)
    await attack('are one: the other is refused, and so is another plan', async () => {
      expect((await run(second.digest, grant(second.digest))).body.code).toBe('CLEANUP_BUSY')
      expect((await plan({ kinds: ['volumes'] })).plan.items.length).toBe(1)
      expect((await rig.kit.ask('disk.usage', {}, 'viewer')).status).toBe(200)
      held.resolve(undefined)
      const codes = (await Promise.all(answers)).map(({ status, body }) => (status === 200 ? 'done' : body.code))
      expect(codes.sort()).toEqual([expect.stringMatching(/^(CLEANUP_BUSY|PLAN_USED)$/), 'done'])
      expect(removals().length).toBe(1)
    })
    await control('afterwards the other plan is still good', async () => expect(told(await carriedOut(second.digest))).toEqual([]))
    await row('one run and one end of each', async () => {
      await onRecord(second.digest)
      await until('the first is on record', async () => (await endRows(first.digest)).length === 1, withinMs)
    })
  })

  attackCase(
    'D34',
    'images that would push the good ones out',
    async ({ attack, control, row }) => {
      const protect = (images: unknown) => rig.kit.ask('images.protect', { serviceId: 'web', images }, 'service')
      rig.engine.add({ id: idOf('c1'), name: 'runs', listed: { ImageID: sha('b1') } })
      image('b1', ['good:1'])
      expect((await protect([sha('b1')])).status).toBe(200)
      await attack('count only when they run, and never more than twenty', async () => {
        ended('c2', 'ended', { listed: { ImageID: sha('b2') } })
        for (let round = 0; round < 100; round += 1)
          expect((await protect([`sha256:${round.toString(16).padStart(64, '0')}`])).body.code).toBe('INPUT_INVALID')
        expect((await protect([sha('b2')])).body.code).toBe('INPUT_INVALID')
        for (const bad of [Array.from({ length: 21 }, () => sha('b1')), [], 'good:1', ['good:1'], [sha('b1').toUpperCase()]])
          expect((await protect(bad)).status).toBe(400)
        for (const as of ['operator', 'viewer'] as const)
          expect((await rig.kit.ask('images.protect', { serviceId: 'web', images: [sha('b1')] }, as)).body.code).toBe('AUTH_FORBIDDEN')
      })
      await control('the good one stays after its container is gone', async () => {
        rig.engine.remove(idOf('c1'))
        const made = await plan({ kinds: ['images'], images: 'unused' })
        expect([made.plan.items, kept(made)]).toEqual([[], { [sha('b1')]: 'good-deploy' }])
      })
      await row('what was protected has one, and what was refused', async () => {
        const rows = (await rig.rows()).filter(({ action }) => action === 'images.protect')
        expect(rows.filter(({ outcome }) => outcome === 'done')).toMatchObject([{ target: 'web', details: { images: [sha('b1')] } }])
        await until(
          'the refusals are on record',
          async () => (await rig.refusals(({ action }) => action === 'images.protect')) >= 100,
          withinMs,
        )
      })
    },
    120_000,
  )

  attackCase('R1', 'secrets where the engine tells of disk use', async ({ attack, control, row }) => {
    ended('c1', 'ended', { labels: { other: 'canary-label' }, listed: { Command: 'canary-command', ImageID: sha('b9') } })
    image('b1', ['one:1'], { labels: { other: 'canary-image-label' } })
    volume('named', { labels: { other: 'canary-volume-label' } })
    rig.engine.disk.cache.set('record1', { id: 'record1' })
    const made = await rig.kit.ask('cleanup.plan', { kinds: ['containers', 'images', 'volumes', 'build-cache'], images: 'unused' })
    const { digest } = made.body as unknown as Plan
    await carriedOut(digest)
    await attack('reach no answer and no row', async () => {
      const answers = [made, await rig.kit.ask('disk.usage', {}, 'viewer'), await rig.kit.ask('cleanup.list', {}, 'viewer')]
      for (const { text } of answers) expect(text).not.toContain('canary')
      expect(JSON.stringify(await rig.rows())).not.toContain('canary')
    })
    await control('names do', async () => expect(made.text).toContain('one:1'))
    await row('the run and its end', () => onRecord(digest))
  })
})
