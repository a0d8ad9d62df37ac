import { createHash } from 'node:crypto'
import { lineOfChange } from '@console/contracts/backups/plan-lines'
import type { RestoreChange } from '@console/contracts/backups/schemas'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ctx, trialDesk } from './backup-desk.fake.ts'
import { createPlanShelf } from './plan-shelf.ts'

let trial: ReturnType<typeof trialDesk>
const ticked = { kind: 'notes', pk: 'local', id: 'ticked' }

beforeEach(async () => {
  trial = trialDesk()
  await trial.start()
  for (const id of ['a', 'b', 'c']) await trial.write(id, `first ${id}`)
})
afterEach(() => trial.forget())

/** `a` goes back, `b` comes back, `ticked` goes. */
async function plan(): Promise<string> {
  const id = await trial.make()
  await trial.write('a', 'second a')
  await trial.remove('b')
  await trial.write('ticked', 'goes')
  return (await trial.desk.planRestore(id, [ticked])).digest
}
const texts = () => Promise.all(['a', 'b', 'c', 'ticked'].map(trial.textOf))

describe('a plan of a restore', () => {
  it.each([
    ['what goes back was changed once more', () => trial.write('a', 'third a'), 'a'],
    ['what comes back is there again', () => trial.write('b', 'made anew'), 'b'],
    ['what goes was changed', () => trial.write('ticked', 'wanted after all'), 'ticked'],
    ['what goes back is gone', () => trial.remove('a'), 'a'],
  ])('is refused as a whole where %s, and makes no run', async (_, change, name) => {
    const digest = await plan()
    await change()
    const before = await texts()
    const runs = (await trial.desk.runs()).length
    await expect(trial.desk.runRestore(ctx, { digest })).rejects.toMatchObject({
      code: 'PLAN_CHANGED',
      status: 409,
      message: expect.stringContaining(`Nothing was done: ${name} was changed`),
    })
    expect([await texts(), (await trial.desk.runs()).length, (await trial.desk.list()).work]).toEqual([before, runs, null])
  })

  it('leaves what is changed while it is carried out, and writes nothing that it does not say', async () => {
    const digest = await plan()
    const usual = trial.onObject
    // Each object is looked at once before anything begins, and the first one again when its turn comes.
    let looks = 0
    trial.onObject = async () => {
      looks += 1
      if (looks !== 4) return
      trial.onObject = usual
      await trial.write('a', 'third a')
      await trial.write('b', 'made anew')
      await trial.write('ticked', 'wanted after all')
    }
    await trial.desk.runRestore(ctx, { digest })
    await trial.desk.idle()
    expect(await texts()).toEqual(['third a', 'made anew', 'first c', 'wanted after all'])
    expect((await trial.desk.list()).restored).toMatchObject({ state: 'done', counts: { added: 0, replaced: 0, removed: 0, skipped: 3 } })
    expect((await trial.newestRun())?.outcome).toMatch(/^0 put back, 0 brought back, 0 removed, 3 left as they were found\./)
  })

  it('can be read to its end, however long it is, and its hash is of all its lines', async () => {
    const count = 603
    for (let index = 0; index < count; index += 1) await trial.write(`n${String(index).padStart(5, '0')}`, `first ${index}`)
    const id = await trial.make()
    for (let index = 0; index < count; index += 1) await trial.write(`n${String(index).padStart(5, '0')}`, `second ${index}`)
    for (let index = 0; index < 510; index += 1) await trial.write(`x${String(index).padStart(5, '0')}`, 'new')
    const { plan: made, digest } = await trial.desk.planRestore(id, [])
    expect([made.changes.length, made.changesTotal, made.lacking.length, made.lackingTotal]).toEqual([500, count, 500, 510])
    const all: RestoreChange[] = []
    for (let after: number | null = 0; after !== null; ) {
      const page = trial.desk.changesOf(digest, { after, limit: 400 })
      all.push(...page.items)
      after = page.next
    }
    expect(all.slice(0, 500)).toEqual(made.changes)
    expect(new Set(all.map((one) => one.id)).size).toBe(count)
    expect(createHash('sha256').update(all.map(lineOfChange).join('')).digest('hex')).toBe(made.changesSha256)
    expect(trial.desk.lackingOf(digest, { after: 500 })).toMatchObject({ total: 510, next: null, items: { length: 10 } })
    expect(trial.desk.changesOf(digest, { after: 9_999 })).toEqual({ items: [], total: count, next: null })
    trial.nowMs += 900_001
    expect(() => trial.desk.changesOf(digest, {})).toThrow('older than 15 minutes')
    expect(() => trial.desk.lackingOf('ab'.repeat(32), {})).toThrow('no such plan')
  })

  it('has another hash where only what would be written is another', async () => {
    const id = await trial.make()
    await trial.write('a', 'second a')
    const first = (await trial.desk.planRestore(id, [])).plan
    await trial.write('a', 'third a')
    const second = (await trial.desk.planRestore(id, [])).plan
    expect(first.changes.map((one) => [one.id, one.becomes])).toEqual(second.changes.map((one) => [one.id, one.becomes]))
    expect(first.changesSha256).not.toBe(second.changesSha256)
  })

  it('cuts a long name between two characters only: half of one would have no text to be hashed', async () => {
    await trial.write('a', `named ${'x'.repeat(193)}🦊 and more`)
    const id = await trial.make()
    await trial.write('a', 'second')
    const { plan: made } = await trial.desk.planRestore(id, [])
    expect(made.changes[0]?.name.isWellFormed()).toBe(true)
  })

  it('is kept with others only as long as they take little together', () => {
    const shelf = createPlanShelf(() => 0, 10)
    const kept = (objects: number) => ({
      plan: { expiresAt: new Date(900_000).toISOString() } as never,
      changes: Array.from({ length: objects }, () => ({}) as never),
      lacking: [],
      used: false,
    })
    for (const name of ['one', 'two', 'three']) shelf.put(name, kept(4))
    expect(() => shelf.living('one')).toThrow('no such plan')
    expect([shelf.living('two').used, shelf.living('three').used]).toEqual([false, false])
    for (let index = 0; index < 25; index += 1) shelf.put(`small ${index}`, kept(0))
    expect(() => shelf.living('small 4')).toThrow('no such plan')
    expect(shelf.living('small 5').used).toBe(false)
  })
})
