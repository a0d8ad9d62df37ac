import { execFileSync } from 'node:child_process'
import { chownSync, lstatSync, readdirSync, readFileSync, readlinkSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describeNeeding } from '@console/testkit/needs'
import { describe, expect, it } from 'vitest'
import { bounds, copyPlace } from './copy-place.fake.ts'

const { place, put, copied, emptied } = copyPlace()

describe('the copy of a project', () => {
  it('holds its files and folders, and none of its history', async () => {
    put('src/a.ts', 'a')
    put('bin/run', 'b', 0o755)
    put('.git/config', 'token')
    put('src/.git/HEAD', 'token')
    expect(await copied()).toEqual({ files: 3, bytes: 4, left: 0 })
    expect(readdirSync(place.into).sort()).toEqual(['bin', 'package.json', 'src'])
    expect(readdirSync(join(place.into, 'src'))).toEqual(['a.ts'])
    expect([readFileSync(join(place.into, 'src/a.ts'), 'utf8'), lstatSync(join(place.into, 'bin/run')).mode & 0o777]).toEqual(['a', 0o755])
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
      symlinkSync(target, join(place.from, name))
    expect(await copied()).toMatchObject({ files: 2, left: 4 })
    expect(readlinkSync(join(place.into, 'src/inside'))).toBe('../package.json')
    expect(readdirSync(place.into).sort()).toEqual(['package.json', 'src'])
    expect(readdirSync(join(place.into, 'src')).sort()).toEqual(['a.ts', 'dangling', 'inside'])
  })

  it('leaves what is neither file nor folder, and the bits that change who runs a file', async () => {
    execFileSync('mkfifo', [join(place.from, 'pipe')])
    put('setuid', 'x', 0o4755)
    expect(await copied()).toMatchObject({ files: 2, left: 1 })
    expect(lstatSync(join(place.into, 'setuid')).mode & 0o7777).toBe(0o755)
  })

  it('is not made over its bounds, and ends when it is stopped', async () => {
    put('a/b/c.ts', 'xxxx')
    await expect(copied({ bounds: { ...bounds, mostFiles: 1 } })).rejects.toThrow('more than 1 files')
    emptied()
    await expect(copied({ bounds: { ...bounds, mostBytes: 3 } })).rejects.toThrow('larger than 0 MiB')
    emptied()
    await expect(copied({ bounds: { ...bounds, deepest: 1 } })).rejects.toThrow('more than 1 folders deep')
    emptied()
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
    expect(readdirSync(place.into).sort()).toEqual(['package.json', 'shared'])
    for (const path of [place.into, join(place.into, 'shared')]) expect(lstatSync(path).uid).toBe(65_534)
  })
})
