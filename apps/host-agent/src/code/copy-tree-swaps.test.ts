import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, lstatSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describeNeeding } from '@console/testkit/needs'
import { describe, expect, it } from 'vitest'
import { bounds, copyPlace } from './copy-place.fake.ts'
import { openProject } from './open-project.ts'

const { place, put, copied, emptied, openFiles } = copyPlace()

/** Does this once a folder was listed, and before anything of it is opened. */
const afterListing = (deed: () => void): (() => boolean) => {
  let done = false
  return () => {
    if (!done) deed()
    done = true
    return false
  }
}

describe('the copy of a project that changes meanwhile', () => {
  it('leaves a file, a folder and a link that went after they were listed, and goes on', async () => {
    const file = put('gone.ts')
    put('folder/a.ts')
    symlinkSync('package.json', join(place.from, 'link'))
    put('stays/b.ts')
    const stopped = afterListing(() => {
      for (const name of ['folder', 'link']) rmSync(join(place.from, name), { recursive: true })
      rmSync(file)
    })
    expect(await copied({ stopped })).toEqual({ files: 2, bytes: 3, left: 3 })
    expect(readdirSync(place.into).sort()).toEqual(['package.json', 'stays'])
  })

  it('leaves what became a link to outside, and a file that became a pipe', async () => {
    mkdirSync(join(place.base, 'outside'))
    writeFileSync(join(place.base, 'outside/secret'), 'secret')
    for (const path of ['file.ts', 'folder/a.ts', 'pipe.ts']) put(path)
    const stopped = afterListing(() => {
      for (const name of ['file.ts', 'folder', 'pipe.ts']) rmSync(join(place.from, name), { recursive: true })
      symlinkSync(join(place.base, 'outside/secret'), join(place.from, 'file.ts'))
      symlinkSync(join(place.base, 'outside'), join(place.from, 'folder'))
      execFileSync('mkfifo', [join(place.from, 'pipe.ts')])
    })
    expect(await copied({ stopped })).toEqual({ files: 1, bytes: 2, left: 3 })
    expect(readdirSync(place.into)).toEqual(['package.json'])
  })
})

describe('the bounds of a copy', () => {
  it('are the last that is taken: so many files, so many bytes, so deep', async () => {
    put('a/b/c.ts', 'xxxx')
    expect(await copied({ bounds: { mostFiles: 2, mostBytes: 6, deepest: 2 } })).toEqual({ files: 2, bytes: 6, left: 0 })
    rmSync(join(place.from, 'a'), { recursive: true })
    for (const name of ['one.ts', 'two.ts']) put(name)
    emptied()
    await expect(copied({ bounds: { ...bounds, mostFiles: 2 } })).rejects.toMatchObject({ message: 'The project holds more than 2 files.' })
  })

  it('count what is no file too: a folder of pipes ends it', async () => {
    execFileSync(
      'mkfifo',
      [1, 2, 3].map((n) => join(place.from, `pipe-${n}`)),
    )
    expect(await copied({ bounds: { ...bounds, mostFiles: 2 } })).toEqual({ files: 1, bytes: 2, left: 3 })
    execFileSync('mkfifo', [join(place.from, 'pipe-4')])
    emptied()
    await expect(copied({ bounds: { ...bounds, mostFiles: 2 } })).rejects.toThrow('The project holds more than 2 files.')
  })

  it('lets others work in between, and no oftener than every 500 entries', async () => {
    for (let n = 0; n < 1_099; n += 1) symlinkSync('package.json', join(place.from, `link-${n}`))
    let turns = 0
    let going = true
    const count = (): void => {
      turns += 1
      if (going) setImmediate(count)
    }
    setImmediate(count)
    expect(await copied({ bounds: { ...bounds, mostFiles: 600 } })).toMatchObject({ files: 1 })
    going = false
    expect(turns).toBeGreaterThan(0)
    expect(turns).toBeLessThan(6)
  })
})

describeNeeding('root', 'the copy of a project and what is mounted in it', () => {
  it('leaves a mounted folder and a mounted file, of the same disk too', async () => {
    put('src/a.ts')
    const [folder, file] = [join(place.from, 'mounted'), put('mounted.ts')]
    mkdirSync(folder)
    mkdirSync(join(place.base, 'outside'))
    writeFileSync(join(place.base, 'outside/secret'), 'secret')
    execFileSync('mount', ['--bind', join(place.base, 'outside'), folder])
    execFileSync('mount', ['--bind', join(place.base, 'outside/secret'), file])
    try {
      expect(await copied()).toEqual({ files: 2, bytes: 3, left: 2 })
      expect(readdirSync(place.into).sort()).toEqual(['package.json', 'src'])
    } finally {
      for (const path of [folder, file]) execFileSync('umount', [path])
    }
  })

  it('is refused where it is mounted itself', () => {
    const [shop, elsewhere] = [join(place.base, 'shop'), join(place.base, 'elsewhere')]
    mkdirSync(elsewhere)
    writeFileSync(join(elsewhere, 'package.json'), '{}')
    execFileSync('mount', ['--bind', elsewhere, shop])
    const before = openFiles()
    try {
      expect(() => openProject(shop, [place.base])).toThrow('The project was not opened. Something else is mounted there.')
      expect(openFiles()).toBe(before)
    } finally {
      execFileSync('umount', [shop])
    }
  })
})

describeNeeding('account', 'the copy of a project and whose it is', () => {
  it('gives files, folders and links to the account that checks it', async () => {
    put('src/a.ts')
    symlinkSync('a.ts', join(place.from, 'src/link'))
    chmodSync(put('own'), 0o600)
    await copied({ owner: { uid: 65_534, gid: 65_533 } })
    for (const path of ['', 'src', 'src/link', 'src/a.ts', 'own']) {
      const { uid, gid } = lstatSync(join(place.into, path))
      expect([path, uid, gid]).toEqual([path, 65_534, 65_533])
    }
    expect([lstatSync(join(place.into, 'src')).mode & 0o777, lstatSync(join(place.into, 'own')).mode & 0o777]).toEqual([0o755, 0o600])
  })

  it('takes a file of its own account that others may not read', async () => {
    chmodSync(put('mine'), 0o600)
    chownSync(put('theirs'), 65_533, 65_533)
    chmodSync(join(place.from, 'theirs'), 0o640)
    expect(await copied()).toMatchObject({ files: 2, left: 1 })
    expect(readdirSync(place.into).sort()).toEqual(['mine', 'package.json'])
  })
})
