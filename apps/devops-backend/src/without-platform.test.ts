import type { Answer } from '@console/testkit/browser'
import { describe, expect, it } from 'vitest'
import { aService, startDevops } from './devops.fake.ts'

const code = ({ status, body }: Answer) => [status, String(body.code)]

describe('the console without platform-service', () => {
  it('answers reads for 60 s, takes no change, lets no stranger in, and recovers by itself', async () => {
    let skipped = 0
    const devops = await startDevops({ parts: ['platform-service'], monotonic: () => performance.now() + skipped })
    try {
      const admin = await devops.setUp()
      expect((await admin.devops.get('/services')).status).toBe(200)
      await devops.parts.get('platform-service')?.kill()
      skipped += 5_000
      expect((await admin.devops.get('/services')).status).toBe(200)
      expect(code(await admin.devops.post('/services', aService('other')))).toEqual([503, 'AUTH_UNAVAILABLE'])
      const stranger = devops.stranger()
      expect(code(await stranger.get('/services'))).toEqual([401, 'AUTH_REQUIRED'])
      const forged = { cookies: `__Secure-bl_ref=${'a'.repeat(43)}; __Host-bl_tie=${'b'.repeat(43)}` }
      expect(code(await stranger.call('GET', '/services', forged))).toEqual([503, 'AUTH_UNAVAILABLE'])
      skipped += 54_000
      expect((await admin.devops.get('/services')).status).toBe(200)
      skipped += 2_000
      expect(code(await admin.devops.get('/services'))).toEqual([503, 'AUTH_UNAVAILABLE'])
      await devops.start('platform-service')
      expect((await admin.devops.get('/services')).status).toBe(200)
      expect((await admin.devops.post('/services', aService('other'))).status).toBe(201)
    } finally {
      await devops.close()
    }
  }, 90_000)
})
