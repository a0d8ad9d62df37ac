import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { reportFigure } from '@console/testkit/deep'
import { idOf } from '@console/testkit/fake-container'
import { type ProxyRig, startProxyRig } from '@console/testkit/proxy-rig'
import { afterAll, beforeAll, expect, test } from 'vitest'

const mib = 1_048_576
let rig: ProxyRig
beforeAll(async () => {
  rig = await startProxyRig()
}, 60_000)
afterAll(() => rig?.stop(), 60_000)

const residentMiB = (): number =>
  Number(/^VmRSS:\s+([0-9]+)/m.exec(readFileSync(`/proc/${rig.program.child.pid}/status`, 'utf8'))?.[1]) / 1_024
const bytesBelow = (name: string): number => {
  const folder = join(rig.kit.dataDir, 'docker-proxy', name)
  return readdirSync(folder).reduce((sum, file) => sum + statSync(join(folder, file)).size, 0)
}
const plan = async () => {
  rig.kit.nextPerson()
  return rig.kit.ask('cleanup.plan', { kinds: ['images', 'volumes'], images: 'unused' })
}

test('an engine that tells of very many objects, with very long names, grows docker-proxy to a bound and no further', async () => {
  const { images, volumes } = rig.engine.disk
  for (let n = 0; n < 100_000; n += 1) {
    const name = n.toString(16).padStart(64, '0')
    volumes.set(name, { name })
  }
  const many = await plan()
  const told = many.body.plan as unknown as { items: unknown[]; leftCount: number } | undefined
  // All of them, or the answer of the engine is too long to be read: never a part that passes for the whole.
  if (told) expect([told.items.length, told.leftCount]).toEqual([10_000, 90_000])
  else expect([many.status, many.body.code]).toEqual([502, 'DOCKER_ENGINE_ERROR'])
  volumes.clear()
  for (let n = 0; n < 2_000; n += 1) {
    const id = `sha256:${idOf(n.toString(16))}`
    images.set(id, { id, tags: [`${'x'.repeat(10_000)}${n}:1`] })
  }
  const sizes: number[] = []
  for (let round = 0; round < 10; round += 1) {
    expect((await plan()).status).toBe(200)
    sizes.push(residentMiB())
  }
  expect(bytesBelow('plans')).toBeLessThan(128 * mib)
  const [settled = 0, last = 0] = [Math.max(...sizes.slice(2, 6)), Math.max(...sizes.slice(7))]
  reportFigure('docker-proxy before a hostile engine: MiB', sizes.map((size) => size.toFixed(0)).join(' '))
  expect(last - settled).toBeLessThan(64)
  expect(last).toBeLessThan(400)
}, 120_000)
