import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  closeSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describeNeeding } from '@console/testkit/needs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { copyTree } from './copy-tree.ts'
import { openProject } from './open-project.ts'

let base: string
let from: string
let into: string
const put = (path: string, text = 'x', mode = 0o644): string => {
  const file = join(from, path)
  mkdirSync(join(file, '..'), { recursive: true })
  writeFileSync(file, text)
  chmodSync(file, mode)
  return file
}
const bounds = { mostFiles: 100, mostBytes: 1_048_576, deepest: 5 }
const copied = async (over: Partial<Omit<Parameters<typeof copyTree>[0], 'project' | 'into'>> = {}) => {
  const project = openProject(from, [base])
  try {
    return await copyTree({ project, into, owner: null, bounds, stopped: () => false, ...over })
  } finally {
    closeSync(project.fd)
  }
}

beforeEach(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), 'copy-tree-')))
  from = join(base, 'shop')
  into = join(base, 'copy')
  mkdirSync(into)
  put('package.json', '{}')
})
afterEach(() => rmSync(base, { recursive: true, force: true }))

describe('the copy of a project', () => {
  it('holds its files and folders, and none of its history', async () => {
    put('src/a.ts', 'a')
    put('bin/run', 'b', 0o755)
    put('.git/config', 'token')
    put('src/.git/HEAD', 'token')
    expect(await copied()).toEqual({ files: 3, bytes: 4, left: 0 })
    expect(readdirSync(into).sort()).toEqual(['bin', 'package.json', 'src'])
    expect(readdirSync(join(into, 'src'))).toEqual(['a.ts'])
    expect([readFileSync(join(into, 'src/a.ts'), 'utf8'), lstatSync(join(into, 'bin/run')).mode & 0o777]).toEqual(['a', 0o755])
  })

  it('has links as links where they stay inside, and leaves those that lead out', async () => {
    put('src/a.ts')
    for (const [name, target] of Object.entries({
      'src/inside': '../package.json',
      'src/dangling': 'nothing',
      'src/out': '../../outside',
      out: '..',
      absolute: '/etc/passwd',
      round: 'src/../../shop/package.json',
    }))
      symlinkSync(target, join(from, name))
    expect(await copied()).toMatchObject({ files: 2, left: 4 })
    expect(readlinkSync(join(into, 'src/inside'))).toBe('../package.json')
    expect(readdirSync(into).sort()).toEqual(['package.json', 'src'])
    expect(readdirSync(join(into, 'src')).sort()).toEqual(['a.ts', 'dangling', 'inside'])
  })

  it('leaves what is neither file nor folder, and the bits that change who runs a file', async () => {
    execFileSync('mkfifo', [join(from, 'pipe')])
    put('setuid', 'x', 0o4755)
    expect(await copied()).toMatchObject({ files: 2, left: 1 })
    expect(lstatSync(join(into, 'setuid')).mode & 0o7777).toBe(0o755)
  })

  it('is not made over its bounds, and ends when it is stopped', async () => {
    put('a/b/c.ts', 'xxxx')
    await expect(copied({ bounds: { ...bounds, mostFiles: 1 } })).rejects.toThrow('more than 1 files')
    rmSync(into, { recursive: true })
    mkdirSync(into)
    await expect(copied({ bounds: { ...bounds, mostBytes: 3 } })).rejects.toThrow('larger than 0 MiB')
    rmSync(into, { recursive: true })
    mkdirSync(into)
    await expect(copied({ bounds: { ...bounds, deepest: 1 } })).rejects.toThrow('more than 1 folders deep')
    rmSync(into, { recursive: true })
    mkdirSync(into)
    await expect(copied({ stopped: () => true })).rejects.toThrow('was stopped')
  })
})

describeNeeding('account', 'the copy of a project and other accounts', () => {
  it('leaves a file of somebody else that not everybody may read, and is the account’s that checks it', async () => {
    for (const [name, mode] of [
      ['theirs', 0o600],
      ['shared', 0o644],
    ] as const)
      chownSync(put(name, 'x', mode), 65_533, 65_533)
    expect(await copied({ owner: { uid: 65_534, gid: 65_534 } })).toMatchObject({ files: 2, left: 1 })
    expect(readdirSync(into).sort()).toEqual(['package.json', 'shared'])
    for (const path of [into, join(into, 'shared')]) expect(lstatSync(path).uid).toBe(65_534)
  })
})
