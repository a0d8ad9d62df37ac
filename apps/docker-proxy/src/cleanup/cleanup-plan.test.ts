import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { idOf } from '@console/testkit/fake-container'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type CleanupDesk, startCleanupDesk } from './cleanup-desk.fake.ts'
import { digestOf } from './make-plan.ts'

const sha = (prefix: string): string => `sha256:${idOf(prefix)}`
let desk: CleanupDesk
beforeEach(async () => {
  desk = await startCleanupDesk()
}, 90_000)
afterEach(() => desk.stop(), 60_000)

describe('a plan', () => {
  it('is of the chosen kinds alone, and its digest is that of what was answered', async () => {
    desk.engine.add({ id: idOf('a1'), name: 'ended', state: 'exited' })
    desk.engine.disk.volumes.set('data', { name: 'data' })
    const { plan, digest } = await desk.plan({ kinds: ['volumes'], volumes: ['data', 'data'] }, 'user-7')
    expect(plan).toMatchObject({
      v: 1,
      verb: 'cleanup.run',
      hostId: 'local',
      plannedBy: 'user-7',
      choice: { kinds: ['volumes'], images: null, volumes: ['data'] },
      items: [{ kind: 'volumes', id: 'data', reason: 'named', sizeBytes: 200 }],
      totalBytes: 200,
      kept: [],
    })
    expect(Date.parse(plan.expiresAt) - Date.parse(plan.createdAt)).toBe(900_000)
    expect(digestOf(plan)).toBe(digest)
    expect(digestOf({ ...plan, items: [] })).not.toBe(digest)
  }, 60_000)

  it.each([
    [{ kinds: [] }, 'kinds', 'required'],
    [{ kinds: ['containers'], images: 'unused' }, 'images', 'kinds'],
    [{ kinds: ['containers'], volumes: ['data'] }, 'volumes', 'kinds'],
    [{ kinds: ['volumes'], volumes: ['data', 'none'] }, 'volumes.1', 'unknown'],
    [{ kinds: ['volumes'], volumes: ['dat'] }, 'volumes.0', 'unknown'],
  ])(
    'is refused for %j, by field and rule',
    async (args, field, rule) => {
      desk.engine.disk.volumes.set('data', { name: 'data' })
      await expect(desk.plan(args)).rejects.toMatchObject({ code: 'INPUT_INVALID', status: 400, errors: [{ field, rule }] })
    },
    60_000,
  )
})

describe('images of good deploys', () => {
  const protect = (serviceId: string, ...images: string[]) => desk.ask<{ protected: string[] }>('images.protect', { serviceId, images })
  const image = (prefix: string): string => {
    desk.engine.disk.images.set(sha(prefix), { id: sha(prefix), tags: [`${prefix}:1`] })
    desk.engine.add({ id: idOf(prefix), name: `runs-${prefix}`, listed: { ImageID: sha(prefix), Image: `${prefix}:1` } })
    return sha(prefix)
  }
  const stays = async (): Promise<string[]> =>
    (await desk.plan({ kinds: ['images'], images: 'unused' })).plan.kept.filter(({ why }) => why === 'good-deploy').map(({ id }) => id)

  it('stay for the last two of each service, and the third pushes the first out', async () => {
    const [one, two, three, other] = ['b1', 'b2', 'b3', 'c1'].map(image) as [string, string, string, string]
    await protect('web', one)
    await protect('api', other)
    await protect('web', two)
    // The same again is no newer set.
    await protect('web', two)
    for (const prefix of ['b1', 'b2', 'b3', 'c1']) if (prefix !== 'b3') desk.engine.remove(idOf(prefix))
    expect((await stays()).sort()).toEqual([one, two, other].sort())
    expect(await protect('web', three)).toEqual({ protected: [three, two] })
    expect((await stays()).sort()).toEqual([two, other].sort())
    desk.restart()
    expect((await stays()).sort()).toEqual([two, other].sort())
    expect(desk.rows.filter(({ action, outcome }) => action === 'images.protect' && outcome === 'done').length).toBe(5)
  }, 60_000)

  it('are as before where the disk takes no more, and the row says that it failed', async () => {
    const [one, two] = [image('b1'), image('b2')]
    await protect('web', one)
    const before = desk.rows.length
    // A folder in the place of the file that is written first.
    const bar = join(desk.dir, `protected-images.json.${process.pid}.part`)
    mkdirSync(bar)
    await expect(protect('web', two)).rejects.toMatchObject({ syscall: 'open' })
    expect(desk.rows.slice(before).map(({ outcome, code }) => [outcome, code])).toEqual([
      ['started', undefined],
      ['failed', 'DISK_UNAVAILABLE'],
    ])
    for (const prefix of ['b1', 'b2']) desk.engine.remove(idOf(prefix))
    expect(await stays()).toEqual([one])
    rmSync(bar, { recursive: true })
    image('b2')
    expect(await protect('web', two)).toEqual({ protected: [two, one] })
  }, 60_000)

  it('stay when they were protected after the plan', async () => {
    const one = image('b1')
    desk.engine.remove(idOf('b1'))
    const { digest } = await desk.plan({ kinds: ['images'], images: 'unused' })
    desk.engine.add({ id: idOf('b1'), name: 'runs-again', listed: { ImageID: one } })
    await protect('web', one)
    desk.engine.remove(idOf('b1'))
    expect((await desk.run(digest)).exceptions).toMatchObject([{ id: one, result: 'kept', why: 'good-deploy', note: 'web' }])
    expect(desk.engine.disk.images.has(one)).toBe(true)
  }, 60_000)

  it('are none that does not run, however often it is said', async () => {
    const one = image('b1')
    await protect('web', one)
    desk.engine.add({ id: idOf('d1'), name: 'ended', state: 'exited', listed: { ImageID: sha('d1') } })
    for (let round = 0; round < 100; round += 1)
      await expect(protect('web', sha('d1'))).rejects.toMatchObject({
        code: 'INPUT_INVALID',
        errors: [{ field: 'images.0', rule: 'running' }],
      })
    await expect(protect('web', 'b1:1'.padEnd(71, 'x'))).rejects.toMatchObject({ errors: [{ rule: 'pattern' }] })
    await expect(protect('web')).rejects.toMatchObject({ errors: [{ field: 'images', rule: 'required' }] })
    desk.engine.remove(idOf('b1'))
    expect(await stays()).toEqual([one])
  }, 60_000)

  it('are not given up because their file is not understood', async () => {
    const one = image('b1')
    await protect('web', one)
    const file = join(desk.dir, 'protected-images.json')
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ web: [[one]] })
    for (const text of ['', '[]x', '{"web":"all"}', '{"web":[["b1:1"]]}']) {
      writeFileSync(file, text)
      expect(() => desk.restart()).toThrow('is not what docker-proxy wrote')
    }
  }, 60_000)
})
