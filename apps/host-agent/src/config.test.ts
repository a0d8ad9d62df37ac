import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readConfig } from './config.ts'

const base = mkdtempSync(join(tmpdir(), 'agent-config-'))
const root = join(base, 'scripts')
const read = (env: Record<string, string>, uid = 0) => readConfig({ SCRIPT_ROOTS: root, ...env }, { uid })

beforeAll(() => {
  mkdirSync(join(root, 'below'), { recursive: true })
  symlinkSync(root, join(base, 'link'))
  writeFileSync(join(base, 'file'), '')
})
afterAll(() => rmSync(base, { recursive: true, force: true }))

describe('the script roots', () => {
  it('are the folders that are named, in order', () => {
    expect(read({ SCRIPT_ROOTS: `${root}:${join(root, 'below')}/` }).scriptRoots).toEqual([root, join(root, 'below')])
  })

  it.each([
    ['the whole disk', '/'],
    ['the whole disk in other words', '/usr/..'],
    ['nothing', ''],
    ['nothing between two', `${root}::${root}`],
    ['a relative folder', 'scripts'],
    ['a link', join(base, 'link')],
    ['a folder below a link', join(base, 'link/below')],
    ['a file', join(base, 'file')],
    ['the root of another process', `/proc/self/root${root}`],
  ])('cannot be %s', (_what, roots) => {
    expect(() => read({ SCRIPT_ROOTS: roots })).toThrow('SCRIPT_ROOTS')
  })

  it('may be missing until somebody makes it, which is said', () => {
    const { scriptRoots, warnings } = read({ SCRIPT_ROOTS: `${root}:${base}/not-there` })
    expect(scriptRoots).toEqual([root, `${base}/not-there`])
    expect(warnings.join()).toContain(`${base}/not-there is not there`)
  })
})

describe('who the agent is', () => {
  it('must be root in production, and is said elsewhere', () => {
    expect(() => read({ NODE_ENV: 'production' }, 1_000)).toThrow('does not run as root')
    expect(read({}, 1_000).warnings.join()).toContain('does not run as root')
    expect(read({ NODE_ENV: 'production' }).warnings).toEqual([])
  })
})

describe('what may be probed', () => {
  it('is nothing in production unless origins are named, and elsewhere anything on loopback but the console', () => {
    expect(read({ NODE_ENV: 'production' }).probe.origins).toEqual([])
    expect(read({ CONSOLE_PORTS: '3000,4004,,x' }).probe).toEqual({ origins: null, consolePorts: [3_000, 4_004] })
    expect(read({ PROBE_ORIGINS: ' http://127.0.0.1:80 ,' }).probe.origins).toEqual(['http://127.0.0.1:80'])
  })

  it('tells all that is wrong at once', () => {
    expect(() => read({ PROBE_ORIGINS: 'nonsense', PRODUCT_ID: 'A', SCRIPT_ROOTS: '/' })).toThrow(
      expect.objectContaining({ message: expect.stringMatching(/PRODUCT_ID.*SCRIPT_ROOTS.*nonsense/s) }),
    )
  })
})

describe('the folder of the host', () => {
  it('is the whole disk, or a folder that is there', () => {
    expect([read({}).hostRoot, read({ HOST_ROOT: root }).hostRoot]).toEqual(['/', root])
    for (const wrong of ['', 'host', `${base}/not-there`, join(base, 'file')]) expect(() => read({ HOST_ROOT: wrong })).toThrow('HOST_ROOT')
  })
})
