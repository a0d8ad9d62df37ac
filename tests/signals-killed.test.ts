import { createHash, randomBytes } from 'node:crypto'
import { rmSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { homesFolder, makeHome } from '@console/testkit/made-home'
import { good } from '@console/testkit/people'
import { startParts } from '@console/testkit/running-parts'
import { canonical, directPlan } from '@console/verbs/canonical'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const minute = 60_000
const batch = 100

describe('signals, when devops-backend is killed', () => {
  const base = homesFolder()
  let parts: Awaited<ReturnType<typeof startParts>>

  beforeAll(async () => {
    const file = join(base, 'instances.json')
    const instance = { id: 'vm', user: userInfo().username, home: makeHome(join(base, 'vm')), unit: 'console-none.service' }
    writeFileSync(file, JSON.stringify([instance]), { mode: 0o600 })
    parts = await startParts({
      parts: ['platform-service', 'host-agent', 'devops-backend'],
      env: { 'host-agent': { HERMES_INSTANCES: file } },
    })
  }, 2 * minute)
  afterAll(async () => {
    await parts?.stop()
    rmSync(base, { recursive: true, force: true })
  }, minute)

  it(
    'are all there that were answered for, each once, also when their senders try again',
    async () => {
      const { platform, devops } = await parts.setUp()
      const wish = { instance: 'vm', way: 'otlp', name: 'killed' }
      const digest = createHash('sha256')
        .update(canonical(directPlan('hermes.key.create', 'local', wish)))
        .digest('hex')
      const { grant } = good(await platform.post('/auth/grants', { verb: 'hermes.key.create', digest }), 201).body
      const { secret } = good(await devops.post('/hermes/keys', wish, { 'x-grant': String(grant) }), 201).body
      const send = async (body: string): Promise<boolean> => {
        const url = `http://127.0.0.1:${parts.backendPort}/api/devops/hermes/ingest/vm/v1/traces`
        const headers = { authorization: `Bearer ${String(secret)}`, 'content-type': 'application/json' }
        return fetch(url, { method: 'POST', headers, body }).then(
          ({ status }) => status === 200,
          () => false,
        )
      }
      const bodies: string[] = []
      let answered = 0
      let dead = false
      const sender = async (): Promise<void> => {
        while (!dead && bodies.length < 2_000) {
          const body = spans()
          bodies.push(body)
          if (await send(body)) answered += 1
          else dead = true
          if (answered === 30) parts.running.get('devops-backend')?.child.kill('SIGKILL')
        }
      }
      await Promise.all(Array.from({ length: 8 }, sender))
      expect([dead, answered >= 30]).toEqual([true, true])
      await parts.start('devops-backend')
      const counted = async (): Promise<number> => {
        const { items } = good(await devops.get('/hermes/signals'), 200).body as unknown as { items: Told[] }
        return items[0]?.series.reduce((sum, { figures }) => sum + figures.total, 0) ?? 0
      }
      const kept = await counted()
      expect(kept).toBeGreaterThanOrEqual(answered * batch)
      expect(kept).toBeLessThanOrEqual(bodies.length * batch)
      for (const body of bodies) expect(await send(body)).toBe(true)
      expect(await counted()).toBe(bodies.length * batch)
    },
    minute,
  )
})

type Told = { readonly series: readonly { readonly figures: { readonly total: number } }[] }

function spans(): string {
  const times = { startTimeUnixNano: `${Date.now() - 100}000000`, endTimeUnixNano: `${Date.now()}000000` }
  const attributes = [{ key: 'gen_ai.operation.name', value: { stringValue: 'chat' } }]
  const traceId = randomBytes(16).toString('hex')
  const one = () => ({ traceId, spanId: randomBytes(8).toString('hex'), name: 'chat big', ...times, attributes })
  return JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: Array.from({ length: batch }, one) }] }] })
}
