import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { describeNeeding } from '@console/testkit/needs'
import { testImage } from '@console/testkit/test-image'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { createHostSampler } from './sample-host.ts'

describeNeeding('docker', 'a container that works', () => {
  const name = `metrics-${randomBytes(4).toString('hex')}`
  let id = ''
  beforeAll(() => {
    const work = 'kept=$(yes | head -c 20000000); while true; do :; done'
    id = execFileSync('docker', ['run', '--detach', '--name', name, '--network=none', '--memory=128m', testImage, 'bash', '-c', work], {
      encoding: 'utf8',
    }).trim()
  }, 60_000)
  // By its name, so that one which was made and did not start goes as well.
  afterAll(() => void execFileSync('docker', ['rm', '--force', name], { stdio: 'ignore' }), 60_000)

  it('is seen by its id, with the CPU and memory that it takes and the bound that it has', async () => {
    const sampler = createHostSampler()
    const use = async () => {
      const { containers } = await sampler.sample()
      return 'items' in containers ? containers.items.find((one) => one.id === id) : undefined
    }
    const first = await vi.waitFor(async () => (await use()) ?? Promise.reject(new Error('not there yet')), 30_000)
    expect(first.memoryLimitBytes).toBe(128 * 2 ** 20)
    // It takes what a busy machine leaves to it, so it is waited for and not timed.
    await vi.waitFor(
      async () => {
        const later = await use()
        expect((later?.cpuSec ?? 0) - (first.cpuSec ?? 0)).toBeGreaterThan(0.3)
        expect(later?.memoryBytes).toBeGreaterThan(15e6)
        expect(later?.memoryBytes).toBeLessThanOrEqual(128 * 2 ** 20)
      },
      { timeout: 60_000, interval: 200 },
    )
  }, 120_000)
})
