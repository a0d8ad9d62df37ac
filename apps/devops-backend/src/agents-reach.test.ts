import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { readConfig } from './config.ts'
import { startDevops } from './devops.fake.ts'

it('says to whom the gateway answers nothing of the agents, by the address that the gateway saw', async () => {
  const devops = await startDevops({
    parts: ['platform-service'],
    env: { TRUSTED_PROXY: '127.0.0.1', PRIVATE_NETWORKS: '127.0.0.0/8, ::1/128, 100.64.0.0/10' },
  })
  const admin = await devops.setUp()
  const from = async (address?: string) =>
    (await admin.devops.call('GET', '/parts', { headers: { 'x-forwarded-for': address } })).body.agents
  expect([await from(), await from('100.101.102.103'), await from('203.0.113.9')]).toEqual(['open', 'open', 'private'])
  await devops.close()
})

it('takes every address where nothing holds the agents back, and no network that is none', () => {
  const folder = mkdtempSync(join(tmpdir(), 'agents-reach-'))
  const read = (env: Record<string, string>) => readConfig({ DATA_DIR: folder, ...env })
  const outside = '203.0.113.9'
  expect(read({}).seesAgents(outside)).toBe(true)
  expect(read({ PRIVATE_NETWORKS: '' }).seesAgents(outside)).toBe(true)
  expect(read({ PRIVATE_NETWORKS: '100.64.0.0/10' }).seesAgents(outside)).toBe(false)
  expect(read({ PRIVATE_NETWORKS: '100.64.0.0/10', HERMES_PUBLIC: 'true' }).seesAgents(outside)).toBe(true)
  expect(() => read({ PRIVATE_NETWORKS: '100.64.0.0/10,tailnet' })).toThrow('PRIVATE_NETWORKS: "tailnet" is no address or network')
  expect(() => read({ HERMES_PUBLIC: 'yes' })).toThrow('HERMES_PUBLIC')
  rmSync(folder, { recursive: true })
})
