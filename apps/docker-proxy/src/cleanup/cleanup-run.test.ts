import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { until } from '@console/testkit/daemon-harness'
import { idOf } from '@console/testkit/fake-container'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type CleanupDesk, startCleanupDesk } from './cleanup-desk.fake.ts'

const sha = (prefix: string): string => `sha256:${idOf(prefix)}`
const anonymous = 'e'.repeat(64)
let desk: CleanupDesk

beforeEach(async () => {
  desk = await startCleanupDesk()
  desk.engine.add({ id: idOf('a1'), name: 'ended', state: 'exited' })
  desk.engine.disk.images.set(sha('b1'), { id: sha('b1'), tags: ['one:1'] })
  desk.engine.disk.images.set(sha('b2'), { id: sha('b2'), tags: ['two:1', 'two:latest', 'registry.example.net:5000/two:1'] })
  desk.engine.disk.volumes.set(anonymous, { name: anonymous })
  desk.engine.disk.cache.set('parent00', { id: 'parent00' })
  desk.engine.disk.cache.set('child000', { id: 'child000', parents: ['parent00'] })
}, 90_000)
afterEach(() => desk.stop(), 60_000)

const everything = { kinds: ['containers', 'images', 'volumes', 'build-cache'], images: 'unused' }
const results = ({ exceptions }: { exceptions: { id: string; result: string; why: string | null; note: string }[] }) =>
  exceptions.map(({ id, result, why, note }) => [id, result, why, note])

describe('what reaches the engine', () => {
  it('is one call an object, by its full id, never by force, and the records that were made last first', async () => {
    const { digest } = await desk.plan(everything)
    desk.engine.forget()
    const receipt = await desk.run(digest)
    expect(results(receipt)).toEqual([])
    const registry = 'registry.example.net:5000/two:1'
    expect(desk.removals()).toEqual([
      `DELETE /v1.41/containers/${idOf('a1')}`,
      `DELETE /v1.41/images/${sha('b1')}?noprune=1`,
      `DELETE /v1.41/images/${registry}?noprune=1`,
      'DELETE /v1.41/images/two:1?noprune=1',
      `DELETE /v1.41/images/${sha('b2')}?noprune=1`,
      `DELETE /v1.41/volumes/${anonymous}`,
      'POST /v1.41/build/prune?filters=%7B%22id%22%3A%5B%22child000%22%5D%7D',
      'POST /v1.41/build/prune?filters=%7B%22id%22%3A%5B%22parent00%22%5D%7D',
    ])
    const changing = desk.engine.requests.filter(({ line }) => !line.startsWith('GET'))
    for (const { headers, body } of changing) {
      expect(headers.map((header) => header.toLowerCase())).toEqual(expect.arrayContaining(['content-length: 0']))
      expect([headers.some((header) => /^content-type/i.test(header)), body]).toEqual([false, ''])
    }
    expect(desk.engine.bytes()).not.toMatch(/force|[?&]v=/)
  }, 60_000)

  it('is nothing for a tag that means another image by then', async () => {
    const { digest } = await desk.plan({ kinds: ['images'], images: 'unused' })
    desk.engine.script((line) => (line.includes('/images/two:1/json') ? { body: { Id: sha('99') } } : undefined))
    expect(results(await desk.run(digest))).toEqual([[sha('b2'), 'partly', 'changed', 'without registry.example.net:5000/two:1']])
    expect(desk.engine.disk.images.get(sha('b2'))?.tags).toEqual(['two:1', 'two:latest'])
  }, 60_000)
})

describe('an object that is no longer as planned', () => {
  const kept = async (change: () => void): Promise<unknown[]> => {
    const { digest } = await desk.plan(everything)
    change()
    return results(await desk.run(digest))
  }
  it('is kept when it was marked, or protected, or used, or given another name', async () => {
    const { images, volumes, cache } = desk.engine.disk
    const changed = await kept(() => {
      images.set(sha('b1'), { id: sha('b1'), tags: ['one:1'], labels: { 'com.bytelyst.protect': 'true' } })
      images.set(sha('b2'), { id: sha('b2'), tags: ['two:1'] })
      volumes.set(anonymous, { name: anonymous, createdAt: '2026-02-02T00:00:00Z' })
      cache.set('child000', { id: 'child000', parents: ['parent00'], inUse: true })
    })
    expect(changed).toEqual([
      [sha('b1'), 'kept', 'label', ''],
      [sha('b2'), 'kept', 'changed', ''],
      [anonymous, 'kept', 'changed', ''],
      ['child000', 'kept', 'in-use', ''],
      ['parent00', 'kept', 'refused', ''],
    ])
  }, 60_000)

  it('is kept when a container holds it, and the container that runs by then', async () => {
    const changed = await kept(() => {
      desk.engine.change(idOf('a1'), { state: 'running', startedAt: new Date().toISOString() }, 'start')
      const Mounts = [{ Type: 'volume', Name: anonymous }]
      desk.engine.add({ id: idOf('a2'), name: 'new', state: 'exited', listed: { ImageID: sha('b1'), Mounts } })
    })
    expect(changed).toEqual([
      [idOf('a1'), 'kept', 'in-use', 'running'],
      [sha('b1'), 'kept', 'in-use', 'new'],
      [anonymous, 'kept', 'in-use', 'new'],
    ])
  }, 60_000)

  it('is kept when it ran in the meantime, though it has ended again', async () => {
    const changed = await kept(() =>
      desk.engine.change(idOf('a1'), { state: 'exited', startedAt: new Date(Date.now() + 1_000).toISOString() }, 'die'),
    )
    expect(changed).toEqual([[idOf('a1'), 'kept', 'changed', '']])
  }, 60_000)

  it('is told as gone when it is gone, before and during its own removal', async () => {
    const { digest } = await desk.plan({ kinds: ['containers', 'volumes'] })
    desk.engine.remove(idOf('a1'))
    desk.engine.script((line) => (line.startsWith('DELETE') ? { status: 404, body: {} } : undefined))
    expect(results(await desk.run(digest))).toEqual([
      [idOf('a1'), 'gone', null, ''],
      [anonymous, 'gone', null, ''],
    ])
  }, 60_000)

  it('is kept by the engine’s own word, and failed by its fault', async () => {
    const { digest } = await desk.plan({ kinds: ['containers', 'volumes'] })
    desk.engine.script((line) =>
      line.startsWith('DELETE') ? { status: line.includes('volumes') ? 500 : 409, body: { message: 'canary' } } : undefined,
    )
    const receipt = await desk.run(digest)
    expect(results(receipt)).toEqual([
      [idOf('a1'), 'kept', 'in-use', ''],
      [anonymous, 'failed', null, ''],
    ])
    expect(JSON.stringify(receipt)).not.toContain('canary')
  }, 60_000)

  it('is told by what stands there where the engine answers with a fault: removed, or not known once it is away', async () => {
    const { digest } = await desk.plan({ kinds: ['containers', 'volumes'] })
    let away = false
    desk.engine.script((line) => {
      if (away) return { raw: '' }
      if (!line.startsWith('DELETE')) return undefined
      if (line.includes('volumes')) away = true
      else desk.engine.remove(idOf('a1'))
      return { status: 500, body: { message: 'canary' } }
    })
    const receipt = await desk.run(digest)
    expect([results(receipt), receipt.code]).toEqual([[[anonymous, 'unknown', null, '']], 'DOCKER_ENGINE_AWAY'])
    expect(receipt.kinds.map(({ removed, freedBytes }) => [removed, freedBytes])).toEqual([
      [1, expect.any(Number)],
      [0, 0],
    ])
    expect(receipt.kinds[0]?.freedBytes).toBeGreaterThan(0)
  }, 60_000)

  it('is left where another record has its id in its own', async () => {
    desk.engine.disk.cache.clear()
    desk.engine.disk.cache.set('abc', { id: 'abc' })
    const { digest } = await desk.plan({ kinds: ['build-cache'] })
    desk.engine.disk.cache.set('xabcx', { id: 'xabcx', lastUsedAt: new Date().toISOString() })
    expect(results(await desk.run(digest))).toEqual([['abc', 'kept', 'unnameable', '']])
    expect([...desk.engine.disk.cache.keys()]).toEqual(['abc', 'xabcx'])
  }, 60_000)
})

describe('a run', () => {
  it('is refused for a plan that is not known, edited, old or used, and another plan is good', async () => {
    const refusal = (digest: string) =>
      desk.ask('cleanup.run', { digest }).then(
        () => null,
        (error: { code: string }) => error.code,
      )
    expect(await refusal('f'.repeat(64))).toBe('PLAN_NOT_FOUND')
    const edited = await desk.plan({ kinds: ['containers'] })
    const file = join(desk.dir, 'plans', `${edited.digest}.json`)
    writeFileSync(file, readFileSync(file, 'utf8').replace(idOf('a1'), idOf('a9')))
    expect(await refusal(edited.digest)).toBe('PLAN_NOT_FOUND')
    const old = await desk.plan({ kinds: ['containers'] })
    desk.late = 15 * 60_000 + 1_000
    expect(await refusal(old.digest)).toBe('PLAN_EXPIRED')
    desk.late = 0
    expect(desk.removals()).toEqual([])
    const { digest } = await desk.plan({ kinds: ['containers'] })
    desk.restart()
    expect((await desk.run(digest)).state).toBe('done')
    desk.restart()
    expect(await refusal(digest)).toBe('PLAN_USED')
  }, 60_000)

  it('is one at a time, and of two who ask at once one goes on', async () => {
    const first = await desk.plan({ kinds: ['containers'] })
    const second = await desk.plan({ kinds: ['volumes'] })
    const held = Promise.withResolvers<undefined>()
    desk.engine.script((line) => (line.startsWith('DELETE') ? held.promise : undefined))
    const answers = await Promise.allSettled(
      [1, 2].map(() => desk.ask<{ receipt: { state: string } }>('cleanup.run', { digest: first.digest })),
    )
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
    expect(answers[0]).toMatchObject({ value: { receipt: { state: 'running', planned: 1, reached: 0 } } })
    expect(answers[1]).toMatchObject({ reason: { code: 'CLEANUP_BUSY' } })
    await expect(desk.ask('cleanup.run', { digest: second.digest })).rejects.toMatchObject({ code: 'CLEANUP_BUSY' })
    // Planning and measuring go on beside it.
    expect((await desk.plan({ kinds: ['volumes'] })).plan.items.length).toBe(1)
    expect(await desk.ask('disk.usage', {})).toMatchObject({ containers: { count: 1 } })
    held.resolve(undefined)
    await until('it ends', async () => (await desk.receipt(first.digest))?.state === 'done', 30_000)
    expect(desk.removals().filter((line) => line.startsWith('DELETE')).length).toBe(1)
    expect((await desk.run(second.digest)).state).toBe('done')
  }, 90_000)

  it('ends when the engine goes, says what is not known, and touches nothing further', async () => {
    const { plan, digest } = await desk.plan(everything)
    desk.engine.script((line) => (line.startsWith('DELETE') ? { raw: '' } : undefined))
    const receipt = await desk.run(digest)
    expect([receipt.state, receipt.code]).toEqual(['stopped', 'DOCKER_ENGINE_AWAY'])
    expect(results(receipt).map(([, result]) => result)).toEqual(['unknown', ...plan.items.slice(1).map(() => 'not-reached')])
    expect(desk.removals().length).toBe(1)
    expect(desk.rows.at(-1)).toMatchObject({ action: 'cleanup.run.end', outcome: 'failed', code: 'DOCKER_ENGINE_AWAY' })
  }, 60_000)

  it('does not begin without an engine, and the plan stays good', async () => {
    const { digest } = await desk.plan({ kinds: ['containers'] })
    await desk.engine.stop()
    await expect(desk.ask('cleanup.run', { digest })).rejects.toMatchObject({ code: 'DOCKER_ENGINE_AWAY', untouched: true })
    await desk.engine.start()
    const receipt = await until('it is back', async () => desk.run(digest).catch(() => null), 60_000)
    expect(receipt?.state).toBe('done')
  }, 120_000)

  it('ends when its rows cannot be written', async () => {
    const { digest } = await desk.plan({ kinds: ['containers', 'volumes'] })
    desk.journalFails = Object.assign(new Error('full'), { code: 'AUDIT_UNAVAILABLE' })
    expect(await desk.run(digest)).toMatchObject({ state: 'stopped', code: 'AUDIT_UNAVAILABLE' })
  }, 60_000)

  it('that the daemon’s own end cut off is told as that, with what was under way as unknown', async () => {
    const { digest } = await desk.plan({ kinds: ['containers', 'volumes'] })
    desk.engine.script((line) => (line.startsWith('DELETE') && line.includes('volumes') ? 'silence' : undefined))
    await desk.ask('cleanup.run', { digest })
    await until('the second is under way', () => desk.removals().length === 2, 30_000)
    desk.restart()
    const receipt = await desk.receipt(digest)
    expect([receipt?.state, receipt && results(receipt), receipt?.kinds.map(({ removed }) => removed)]).toEqual([
      'interrupted',
      [[anonymous, 'unknown', null, '']],
      [1, 0],
    ])
    await until('it is on record', () => desk.rows.some(({ code }) => code === 'CLEANUP_INTERRUPTED'), 30_000)
    await expect(desk.ask('cleanup.run', { digest })).rejects.toMatchObject({ code: 'PLAN_USED' })
  }, 60_000)

  it('has a row for what it removed and one for its end, which names both people', async () => {
    const { digest } = await desk.plan({ kinds: ['containers', 'volumes'] }, 'user-1')
    await desk.run(digest, 'user-2')
    expect(desk.rows).toMatchObject([
      {
        action: 'cleanup.run.remove',
        details: {
          digest,
          objects: [
            { kind: 'containers', id: idOf('a1'), result: 'removed' },
            { kind: 'volumes', id: anonymous, result: 'removed' },
          ],
        },
      },
      {
        action: 'cleanup.run.end',
        actor: { id: 'user-2' },
        outcome: 'done',
        details: { digest, plannedBy: 'user-1', removed: 2, freedBytes: 300 },
      },
    ])
    expect(readdirSync(join(desk.dir, 'receipts')).length).toBe(1)
  }, 60_000)
})
