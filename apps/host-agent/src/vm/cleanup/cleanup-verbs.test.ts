import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { until } from '@console/testkit/daemon-harness'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { endProcesses, processesOf } from '../../runs/processes.ts'
import { goes, type PlantedTree, plantAll, plantTree } from './planted-tree.fake.ts'
import { openVmDesk, type VmDesk } from './vm-desk.fake.ts'

let tree: PlantedTree
let desk: VmDesk

const gate = (): string => join(tree.root, 'go')
const item = (name: string): string =>
  `{"kind":"crashes","path":"/var/crash/${name}","sizeBytes":4096,"changedSec":1700000000,"identity":"1:2:3:4.5"}`
/** A script that says what a cleanup says, and waits in the middle until the test lets it go on. */
const slow = (): string => `
if [[ $1 == --plan ]]; then echo '{"v":1,"items":[${item('a')},${item('b')}],"kept":[],"left":0}'; exit 0; fi
echo 'item 0 removed 4096 -'; echo 'item 1 tries 0 -'
until [[ -e ${gate()} ]]; do sleep 0.05; done
echo 'item 1 kept 0 changed'; echo 'item 0 removed 999999 -'; echo 'item 2 removed 7 -'; echo 'nonsense'
`

beforeEach(() => {
  tree = plantTree()
  desk = openVmDesk(tree.root)
})
afterEach(async () => {
  writeFileSync(gate(), '')
  await desk.close()
  tree.remove()
})

describe('a cleanup of the machine', () => {
  it('carries out the plan that was shown, and leaves a receipt and rows of it', async () => {
    plantAll(tree)
    const { plan, digest } = await desk.plan()
    expect(plan.items.map(({ path }) => path).sort()).toEqual([...goes].sort())
    expect(goes.every(tree.isThere)).toBe(true)
    const begun = await desk.run(digest)
    expect(begun).toMatchObject({ planId: plan.planId, by: 'ada', reason: 'to make room', planned: 5 })
    const receipt = await desk.ended(digest)
    expect(receipt).toMatchObject({ state: 'done', code: null, reached: 5, exceptions: [], exceptionCount: 0 })
    expect(receipt.kinds.reduce((sum, { freedBytes }) => sum + freedBytes, 0)).toBe(plan.totalBytes)
    expect(goes.some(tree.isThere)).toBe(false)
    const end = await until('its row', () => desk.rows.find(({ action }) => action === 'vm.cleanup.run.end'), 15_000)
    expect(end).toMatchObject({ outcome: 'done', target: plan.planId, requestId: 'r1', actor: { id: 'ada' } })
    expect(end.details).toMatchObject({ digest, planned: 5, removed: 5, freedBytes: plan.totalBytes })
    await expect(desk.run(digest)).rejects.toMatchObject({ code: 'PLAN_USED', status: 409 })
  }, 120_000)

  it('does not begin where it cannot be written down, leaves nothing of it, and the plan stays good', async () => {
    plantAll(tree)
    const { plan, digest } = await desk.plan()
    for (const path of [`begun/${plan.planId}.tsv`, `begun/${plan.planId}.json`, `runs/${plan.planId}/run.json`]) {
      // A folder in the place of the file that is written first.
      const bar = join(desk.dir, `${path}.${process.pid}.part`)
      mkdirSync(bar, { recursive: true })
      await expect(desk.run(digest)).rejects.toMatchObject({ syscall: 'open' })
      expect([readdirSync(join(desk.dir, 'begun')).filter((name) => !name.endsWith('.part')), await desk.list()]).toEqual([[], []])
      rmSync(bar, { recursive: true, force: true })
    }
    expect(goes.every(tree.isThere)).toBe(true)
    await desk.run(digest)
    expect(await desk.ended(digest)).toMatchObject({ state: 'done', reached: 5 })
    await expect(desk.run(digest)).rejects.toMatchObject({ code: 'PLAN_USED', status: 409 })
  }, 120_000)

  it('is refused for a plan that nobody made, that is too old, or whose script is another one', async () => {
    plantAll(tree)
    await expect(desk.run('0'.repeat(64))).rejects.toMatchObject({ code: 'PLAN_NOT_FOUND' })
    const { digest } = await desk.plan()
    desk.late = 15 * 60_000 + 1
    await expect(desk.run(digest)).rejects.toMatchObject({ code: 'PLAN_EXPIRED' })
    desk.late = 0
    await desk.stop()
    desk.use(slow())
    await expect(desk.run(digest)).rejects.toMatchObject({ code: 'VM_SCRIPT_CHANGED' })
    desk.tamper()
    await expect(desk.run(digest)).rejects.toMatchObject({ code: 'VM_SCRIPT_CHANGED' })
    await expect(desk.plan()).rejects.toMatchObject({ code: 'VM_SCRIPT_CHANGED' })
    expect([goes.every(tree.isThere), (await desk.list()).length]).toEqual([true, 0])
  }, 120_000)

  it('goes on when the agent ends, and the next one tells the rest', async () => {
    await desk.stop()
    desk.use(slow())
    const { digest } = await desk.plan()
    const other = await desk.plan()
    await desk.run(digest)
    await expect(desk.run(other.digest)).rejects.toMatchObject({ code: 'CLEANUP_BUSY' })
    await until('its first object', async () => (await desk.list())[0]?.reached === 1, 45_000)
    await desk.stop()
    desk.start()
    expect((await desk.list())[0]).toMatchObject({ state: 'running', reached: 1, endedAt: null })
    writeFileSync(gate(), '')
    const receipt = await desk.ended(digest)
    // The first word about an object counts, and none about what was not planned.
    expect(receipt).toMatchObject({ state: 'done', reached: 2, exceptions: [{ path: '/var/crash/b', result: 'kept', why: 'changed' }] })
    expect(receipt.kinds).toEqual([{ kind: 'crashes', planned: 2, plannedBytes: 8_192, removed: 1, freedBytes: 4_096 }])
    await until('its row', () => desk.rows.some(({ action }) => action === 'vm.cleanup.run.end'), 15_000)
  }, 120_000)

  it('says what it does not know when all of it is killed in the middle', async () => {
    await desk.stop()
    desk.use(slow())
    const { plan, digest } = await desk.plan()
    await desk.run(digest)
    await until('its first object', async () => (await desk.list())[0]?.reached === 1, 45_000)
    await desk.stop()
    const wrapper = desk.wrapperOf(plan.planId) ?? 0
    expect(wrapper).toBeGreaterThan(1)
    process.kill(wrapper, 'SIGKILL')
    await endProcesses(() => processesOf(plan.planId, null), 0)
    desk.start()
    expect(await desk.ended(digest)).toMatchObject({
      state: 'interrupted',
      reached: 1,
      exceptions: [{ path: '/var/crash/b', result: 'unknown', why: null }],
    })
    expect(existsSync(gate())).toBe(false)
    const end = await until('its row', () => desk.rows.find(({ action }) => action === 'vm.cleanup.run.end'), 15_000)
    expect(end).toMatchObject({ outcome: 'failed', code: 'CLEANUP_INTERRUPTED' })
  }, 120_000)
})
