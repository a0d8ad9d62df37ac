import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '@console/testkit/daemon-harness'
import { isDeep, reportFigure, rounds } from '@console/testkit/deep'
import type { Handled } from '@console/verb-kit/handler'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { type Model, startModel } from '../model.ts'
import { cleanupVerbs } from './cleanup-verbs.ts'
import type { Kind } from './judge-objects.ts'
import type { CleanupPlan } from './make-plan.ts'
import type { Receipt } from './receipts.ts'

/** An engine that is the test's own, and what can be made in it. Labels mark as protected. */
export type Playground = {
  readonly socket: string
  /** An image that containers run. */
  readonly base: { readonly id: string; readonly name: string }
  image(tag: string | null, marked?: boolean): Promise<string>
  tag(image: string, name: string): Promise<void>
  /** One that has ended; without `ran` one that was made and never started. */
  container(options?: { image?: string; volume?: string; marked?: boolean; name?: string; ran?: boolean }): Promise<string>
  start(container: string): Promise<void>
  volume(name: string | null, marked?: boolean): Promise<string>
  /** Builds something, so that there are records in the cache. */
  build(): Promise<void>
  /** Everything there is. */
  all(kind: Kind): Promise<string[]>
  remove(kind: Kind, id: string): Promise<void>
  /** Ends it, and starts it again with what was there. */
  restart(): Promise<void>
  stop(): Promise<void>
}

const many = rounds({ test: 12, deep: 200 })
/** Each leaves two records. */
const builds = rounds({ test: 2, deep: 100 })
const dayMs = 86_400_000
/** What was made and not started may go after ten minutes. */
const madeRestMs = 11 * 60_000
const ten = Array.from({ length: many }, (_, at) => at)

/** What a cleanup is on any engine: exactly its plan, and nothing that came into use. */
/** @param restarts whether the engine is ended in the middle too, which takes a real one half a minute */
export function cleanupConformance(what: string, start: () => Promise<Playground>, restarts = true): void {
  let engine: Playground
  let dir: string
  let model: Model
  let late = 0
  let verbs: readonly Handled[]
  const rows: { action: string; outcome: string; details?: { objects?: unknown[]; digest?: string } }[] = []

  const ask = async <T>(id: string, args: object): Promise<T> => {
    const { run } = verbs.find(({ verb }) => verb.id === id) as Handled
    return (await run(args as never, { caller: { kind: 'person', id: 'user-1' }, requestId: 'r1' } as never)) as T
  }
  const plan = async (args: object) => (await ask<{ plan: CleanupPlan; digest: string }>('cleanup.plan', args)) ?? null
  const run = async (digest: string): Promise<Receipt> => {
    await ask('cleanup.run', { digest, reason: 'to see what goes' })
    return until(
      'the cleanup ends',
      async () =>
        (await ask<{ items: Receipt[] }>('cleanup.list', {})).items.find((one) => one.digest === digest && one.state !== 'running'),
      // As long as a cleanup may take.
      620_000,
    )
  }
  const receiptOf = async (digest: string) =>
    (await ask<{ items: Receipt[] }>('cleanup.list', {})).items.find((one) => one.digest === digest)
  const ids = ({ items }: CleanupPlan, kind: Kind): string[] => items.filter((one) => one.kind === kind).map(({ id }) => id)
  const whyKept = ({ kept }: CleanupPlan, id: string) => kept.find((one) => one.id === id)?.why
  const told = ({ exceptions }: Receipt, id: string) => {
    const found = exceptions.find((one) => one.id === id)
    return found && [found.result, found.why]
  }
  const sorted = (list: readonly string[]): string[] => [...list].sort()

  beforeAll(async () => {
    engine = await start()
    dir = mkdtempSync(join(tmpdir(), 'cleanup-'))
    model = startModel({ socketPath: engine.socket, log: () => undefined })
    verbs = cleanupVerbs({
      model,
      dir,
      journal: { append: async (row) => void rows.push(row as never) as never },
      log: () => undefined,
      now: () => Date.now() + late,
    })
    await until('the model is live', () => model.list().freshness === 'live', 60_000)
  }, 180_000)
  beforeEach(() => {
    late = 0
  })
  afterAll(async () => {
    await model?.stop()
    await engine?.stop()
    rmSync(dir, { recursive: true, force: true })
  }, 120_000)

  it('removes exactly the plan, of each kind, and tells it', async () => {
    const containers = await several(ten, (at) => engine.container({ ran: isRun(at) }))
    const marked = await engine.container({ marked: true })
    const images = await several(ten, (at) => engine.image(`gone-${at}:1`))
    const dangling = [await engine.image(null), await engine.image(null)]
    const twice = await engine.image('twice:1')
    await engine.tag(twice, 'other/twice:2')
    const markedImage = await engine.image('marked:1', true)
    const held = await engine.image('held:1')
    const volumes = await several(ten, () => engine.volume(null))
    await engine.volume('ticked')
    await engine.volume('not-ticked')
    await engine.volume('marked-volume', true)
    await engine.volume('mounted')
    const holder = await engine.container({ volume: 'mounted', marked: true })

    const careful = await plan({ kinds: ['images'] })
    expect(sorted(ids(careful.plan, 'images'))).toEqual(sorted(dangling))
    expect([images[0], twice].map((id) => whyKept(careful.plan, String(id)))).toEqual(['scope', 'scope'])

    late = madeRestMs
    const made = await plan({ kinds: ['containers', 'images', 'volumes'], images: 'unused', volumes: ['ticked', 'mounted'] })
    expect(sorted(ids(made.plan, 'containers'))).toEqual(sorted(containers))
    expect(sorted(ids(made.plan, 'images'))).toEqual(sorted([...images, ...dangling, twice, held]))
    expect(sorted(ids(made.plan, 'volumes'))).toEqual(sorted([...volumes, 'ticked']))
    expect(
      [marked, holder, markedImage, engine.base.id, 'marked-volume', 'not-ticked', 'mounted'].map((id) => whyKept(made.plan, id)),
    ).toEqual(['label', 'label', 'label', 'in-use', 'label', 'unnamed', 'in-use'])
    // What is made after the plan is not in it.
    const later = [await engine.image('later:1'), await engine.volume(null), await engine.container()]

    const receipt = await run(made.digest)
    expect([receipt.state, receipt.code, receipt.reached, receipt.exceptions]).toEqual(['done', null, made.plan.items.length, []])
    expect(receipt.kinds.map(({ kind, planned, removed }) => [kind, planned, removed])).toEqual([
      ['containers', many, many],
      ['images', many + 4, many + 4],
      ['volumes', many + 1, many + 1],
    ])
    if (isDeep)
      reportFigure(`${what}: containers, images and volumes that were removed`, receipt.kinds.map(({ removed }) => removed).join(', '))
    expect(sorted(await engine.all('images'))).toEqual(sorted([engine.base.id, markedImage, String(later[0])]))
    expect(sorted(await engine.all('volumes'))).toEqual(sorted(['marked-volume', 'mounted', 'not-ticked', String(later[1])]))
    expect(sorted(await engine.all('containers'))).toEqual(sorted([marked, holder, String(later[2])]))

    const end = rows.filter(({ action }) => action === 'cleanup.run.end')
    expect(end).toMatchObject([{ outcome: 'done', details: { planned: made.plan.items.length, removed: made.plan.items.length } }])
    const objects = rows.filter(({ action }) => action === 'cleanup.run.remove').flatMap(({ details }) => details?.objects ?? [])
    expect(objects.length).toBe(made.plan.items.length)
    await expect(ask('cleanup.run', { digest: made.digest })).rejects.toMatchObject({ code: 'PLAN_USED' })
  }, 1_200_000)

  it('leaves alone what came into use, changed or went after the plan, and says which', async () => {
    const [started, gone] = [await engine.container(), await engine.container()]
    const before = await engine.container({ name: 'reappears' })
    const [used, retagged, plain] = [await engine.image('used:1'), await engine.image('retagged:1'), await engine.image('plain:1')]
    const [mounted, free] = [await engine.volume(null), await engine.volume(null)]
    const { plan: made, digest } = await plan({ kinds: ['containers', 'images', 'volumes'], images: 'unused' })
    for (const id of [started, gone, before, used, retagged, plain, mounted, free]) expect(made.items.map((item) => item.id)).toContain(id)

    await engine.start(started)
    await engine.remove('containers', gone)
    await engine.remove('containers', before)
    const again = await engine.container({ name: 'reappears' })
    const user = await engine.container({ image: used, volume: mounted })
    await engine.tag(retagged, 'also:1')

    const receipt = await run(digest)
    expect([started, gone, before, used, retagged, mounted].map((id) => told(receipt, id))).toEqual([
      ['kept', expect.stringMatching(/^(in-use|changed)$/)],
      ['gone', null],
      ['gone', null],
      ['kept', 'in-use'],
      ['kept', 'changed'],
      ['kept', 'in-use'],
    ])
    const left = [...(await engine.all('containers')), ...(await engine.all('images')), ...(await engine.all('volumes'))]
    expect([started, again, user, used, retagged, mounted].filter((id) => !left.includes(id))).toEqual([])
    expect([plain, free].filter((id) => left.includes(id))).toEqual([])
  }, 1_200_000)

  it('removes of the build cache what has rested for a day, record by record, and no other', async () => {
    await several(Array.from({ length: builds }), () => engine.build())
    const fresh = await plan({ kinds: ['build-cache'] })
    expect(fresh.plan.items).toEqual([])
    late = 2 * dayMs
    const { plan: made, digest } = await plan({ kinds: ['build-cache'] })
    expect(made.items.length).toBeGreaterThanOrEqual(builds)
    const receipt = await run(digest)
    expect(receipt.exceptions).toEqual([])
    expect(receipt.kinds).toMatchObject([{ kind: 'build-cache', planned: made.items.length, removed: made.items.length }])
    expect(receipt.kinds[0]?.freedBytes).toBeGreaterThan(0)
    const left = await engine.all('build-cache')
    expect(made.items.filter(({ id }) => left.includes(id))).toEqual([])
    expect(sorted(left)).toEqual(sorted(made.kept.map(({ id }) => id)))
    if (isDeep)
      reportFigure(
        `${what}: records of the build cache that were removed, of those planned`,
        `${receipt.kinds[0]?.removed} of ${made.items.length}`,
      )
  }, 1_200_000)

  it('is one run however many ask for it at once', async () => {
    const made = await several([0, 1], () => engine.volume(null))
    const { digest } = await plan({ kinds: ['volumes'] })
    const asked = await Promise.allSettled([0, 1, 2].map(() => ask('cleanup.run', { digest })))
    expect(asked.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected', 'rejected'])
    await until('it ends', async () => (await receiptOf(digest))?.state === 'done', 300_000)
    expect((await engine.all('volumes')).filter((id) => made.includes(id))).toEqual([])
    expect(rows.filter(({ action, details }) => action === 'cleanup.run.end' && details?.digest === digest).length).toBe(1)
  }, 1_200_000)

  it.runIf(restarts)(
    'tells the truth of a run in whose middle the engine ends and comes back',
    async () => {
      const containers = await several(ten, (at) => engine.container({ ran: isRun(at) }))
      late = madeRestMs
      const { digest } = await plan({ kinds: ['containers'] })
      const running = ask('cleanup.run', { digest })
      await until('it has begun', async () => ((await receiptOf(digest))?.reached ?? 0) > 0, 300_000)
      await engine.restart()
      await running
      const receipt = await until(
        'it ends',
        async () => {
          const found = await receiptOf(digest)
          return found?.state !== 'running' && found
        },
        300_000,
      )
      // It may be over before that: an engine that is told to end stops its containers first, and serves open connections meanwhile.
      if (receipt.state !== 'done') expect([receipt.state, receipt.code]).toEqual(['stopped', 'DOCKER_ENGINE_AWAY'])
      const left = await until('the engine lists', () => engine.all('containers').catch(() => null), 120_000)
      const wrong = containers.filter((id) => {
        const [result] = told(receipt, id) ?? ['removed']
        return result !== 'unknown' && left.includes(id) === (result === 'removed' || result === 'gone')
      })
      expect(wrong).toEqual([])
      expect(receipt.exceptions.filter(({ result }) => result === 'unknown').length).toBeLessThan(2)
      // The model may not have seen yet that the engine was away.
      const rest = await until('it can be planned again', () => plan({ kinds: ['containers'] }).catch(() => null), 120_000)
      const last = await until('it can be carried out', () => run(rest.digest).catch(() => null), 300_000)
      expect([last.state, (await engine.all('containers')).filter((id) => containers.includes(id))]).toEqual(['done', []])
      if (isDeep)
        reportFigure(
          `${what}: containers removed before the engine ended, of those planned`,
          `${receipt.kinds[0]?.removed} of ${receipt.planned}`,
        )
    },
    1_200_000,
  )
}

/** To start one takes a second where making it takes a tenth, so a tenth of many is started. */
const isRun = (at: number): boolean => at < 6 || at % 10 === 0

/** Eight at a time, as an engine takes them. @returns what was made, in the order of the list */
async function several<T>(list: readonly unknown[], make: (at: number) => Promise<T>): Promise<T[]> {
  const made = new Map<number, T>()
  const rest = list.keys()
  const work = async (): Promise<void> => {
    for (const at of rest) made.set(at, await make(at))
  }
  await Promise.all(Array.from({ length: 8 }, work))
  return list.map((_, at) => made.get(at) as T)
}
