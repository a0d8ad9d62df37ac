import { spawnSync } from 'node:child_process'
import { expect, it } from 'vitest'
import { root } from './source-files.ts'

/** Loads all of an app and makes its server, which is when Fastify decides what else it needs; prints the packages from outside, each once. */
const listPackages = (app: string) => `
  import { registerHooks } from 'node:module'
  const packages = new Set()
  registerHooks({ load: (url, context, next) => (packages.add(/node_modules\\/\\.pnpm\\/([^/]+?)@[0-9]/.exec(url)?.[1]), next(url, context)) })
  await import('./apps/${app}/src/app.ts')
  const { buildServer } = await import('./packages/http-kit/src/server.ts')
  await buildServer({ name: 'x', production: true, allowedOrigins: [], hosts: [], trustedProxy: [], write: () => undefined })
  console.log([...packages].join(' '))`

it.each(['platform-service', 'devops-backend'])(
  '%s starts without what only some consoles need, which is loaded with its first use',
  (app) => {
    const args = ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', listPackages(app)]
    const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' })
    const packages = stdout.trim().split(' ')
    expect([stderr, packages]).toEqual(['', expect.arrayContaining(['fastify', 'zod'])])
    const rare = [
      '@azure+cosmos',
      '@simplewebauthn+server',
      'ajv',
      'nodemailer',
      'openid-client',
      'oauth4webapi',
      'reflect-metadata',
      'zxcvbn',
    ]
    expect(packages.filter((name) => rare.includes(name) || name.startsWith('@zxcvbn'))).toEqual([])
  },
)
