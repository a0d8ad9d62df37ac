import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Script } from 'node:vm'
import { afterAll, expect, test } from 'vitest'
import { finishSite } from './finish-site.ts'
import { aSite, get, settings } from './sample-site.fake.ts'
import { createWebHost } from './web-host.ts'

const site = aSite()
afterAll(site.remove)

test('the worker of a site knows its pages and chunks by what they hold, and is one plain script', async () => {
  const { files } = await finishSite(site.dir)
  expect(Object.keys(files)).toEqual(['/', '/_next/static/chunks/main.js', '/docs', '/services', '/settings/scripts'])
  expect(files['/docs']).toBe(
    createHash('sha256')
      .update(readFileSync(join(site.dir, 'docs/index.html')))
      .digest('base64'),
  )
  const text = readFileSync(join(site.dir, 'sw.js'), 'utf8')
  expect(() => new Script(text)).not.toThrow()
  expect(text).not.toMatch(/importScripts|eval\(|SECRET/)
  await finishSite(site.dir)
  expect(readFileSync(join(site.dir, 'sw.js'), 'utf8')).toBe(text)
})

test('a folder without a page gets no worker', async () => {
  await expect(finishSite(site.previous)).rejects.toThrow('holds no index.html')
})

test('the worker is asked for anew each time, may ask this host alone, and can be called back', async () => {
  await finishSite(site.dir)
  const start = (worker: boolean) => createWebHost({ dir: site.dir, settings, port: 0, addresses: ['127.0.0.1'], worker })
  const [on, off] = [await start(true), await start(false)]
  const [{ headers, body }, retired] = [await get(on.port, '/sw.js', { host: 'devops.bytelyst.com' }), await get(off.port, '/sw.js')]
  await Promise.all([on.close(), off.close()])
  for (const told of [headers, retired.headers]) {
    expect(told).toMatchObject({
      'cache-control': 'no-cache',
      'content-type': 'text/javascript; charset=utf-8',
      'content-security-policy': "default-src 'none'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    })
    expect(told['service-worker-allowed']).toBeUndefined()
  }
  expect(body.toString()).toContain('respondWith')
  expect(retired.body.toString()).toContain('registration.unregister()')
  expect(retired.body.toString()).not.toContain('respondWith')
})
