import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDesk, type Run } from '@console/testkit/agent-desk'
import { type AgentPlace, openLocalPlace } from '@console/testkit/agent-place'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { diskFullWhile } from '../attacks/preloads.ts'

const full = join(tmpdir(), `agent-disk-is-full-${process.pid}`)
let place: AgentPlace
let desk: ReturnType<typeof openDesk>
const codeOf = ({ status, body }: { status: number; body: Record<string, unknown> }) => [status, body.code]
const statusOf = async (scriptId: string) => {
  const { items } = (await place.kit.ask('scripts.list', {})).body as unknown as { items: { scriptId: string; status: string }[] }
  return items.find((one) => one.scriptId === scriptId)?.status
}

beforeEach(async () => {
  place = await openLocalPlace(diskFullWhile(full, '/host-agent/'))
  desk = openDesk(place)
  await place.start()
}, 60_000)
afterEach(async () => {
  rmSync(full, { force: true })
  await place?.remove()
}, 60_000)

test('a full disk: what is refused is not there, what runs can be ended, and all that was taken is still known after a kill', async () => {
  desk.put('holds', 'echo began; while [ -e "$0" ]; do sleep 0.2; done')
  desk.put('other', 'echo other')
  await desk.approve('holds')
  const holds = await desk.begin('holds', { serviceId: 'one' })
  await desk.wrote(holds, 1)
  const waits = await desk.begin('holds', { serviceId: 'one' })
  const runsBefore = readdirSync(place.runs).sort()

  writeFileSync(full, '')
  const refusedApproval = await desk.approve('other')
  expect([codeOf(refusedApproval), refusedApproval.body.detail]).toEqual([
    [503, 'DISK_UNAVAILABLE'],
    'It was not done: the disk is full. Free space on it, then try again.',
  ])
  const refused = await desk.trigger('holds', { runId: 'run-on-a-full-disk', serviceId: 'another' })
  expect(codeOf(refused)).toEqual([503, 'DISK_UNAVAILABLE'])
  expect([await statusOf('other'), readdirSync(place.runs).sort()]).toEqual(['new', runsBefore])
  expect(codeOf(await place.kit.ask('runs.get', { runId: 'run-on-a-full-disk' }, 'service'))).toEqual([404, 'RUN_NOT_FOUND'])
  expect(codeOf(await desk.cancel(holds))).toEqual([200, undefined])
  expect(place.bash('grep -lz "^BYTELYST_RUN=$1$" /proc/[0-9]*/environ 2>/dev/null || true', holds)).toBe('')
  expect((await desk.get(waits)).state).toBe('queued')
  const rows = await desk.journal()
  expect(
    rows.filter(({ code }) => code === 'DISK_UNAVAILABLE').map(({ action, target, outcome }) => `${action} ${target} ${outcome}`),
  ).toEqual(['scripts.approve other failed', 'runs.start run-on-a-full-disk failed'])

  rmSync(full)
  expect(await desk.ended(holds)).toMatchObject({ state: 'cancelled', cancelledBy: expect.stringMatching(/^user-/) })
  await desk.wrote(waits, 1)
  expect(codeOf(await desk.approve('other'))).toEqual([200, undefined])
  const same = (await desk.trigger('other', { runId: 'run-on-a-full-disk' })).body as unknown as { run: Run }
  expect(await desk.ended(same.run.runId)).toMatchObject({ state: 'exited', exitCode: 0 })

  await place.kill()
  await place.start()
  expect([await statusOf('other'), await statusOf('holds')]).toEqual(['approved', 'approved'])
  expect(await desk.get(holds)).toMatchObject({ state: 'cancelled', cancelledBy: expect.stringMatching(/^user-/) })
  await desk.cancel(waits)
  expect(await desk.ended(waits)).toMatchObject({ state: 'cancelled' })
  expect(existsSync(join(place.runs, 'run-on-a-full-disk/exit.json'))).toBe(true)
}, 120_000)
