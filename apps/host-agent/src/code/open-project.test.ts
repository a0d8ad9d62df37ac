import { closeSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openProject } from './open-project.ts'

describe('a project that is opened', () => {
  const base = realpathSync(mkdtempSync(join(tmpdir(), 'open-project-')))
  const root = join(base, 'allowed')
  const project = (folder: string): string => {
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'package.json'), '{}')
    return folder
  }
  /** Why it is refused; `opened` where it is not. */
  const told = (path: string, roots: readonly string[] = [root]): string => {
    try {
      closeSync(openProject(path, roots).fd)
      return 'opened'
    } catch (error) {
      expect(error).toMatchObject({ code: 'CODE_PROJECT_REFUSED', status: 403 })
      return (error as Error).message.replace('The project was not opened. ', '')
    }
  }
  beforeAll(() => {
    for (const folder of ['allowed/shop', 'allowed-evil/shop', 'outside']) project(join(base, folder))
  })
  afterAll(() => rmSync(base, { recursive: true, force: true }))

  it('lies below an allowed root, and is called by its one name', () => {
    expect(told(join(root, 'shop'))).toBe('opened')
    const elsewhere = `Projects lie under ${root}.`
    for (const path of [
      root,
      `${base}/allowed-evil/shop`,
      `${base}/outside`,
      `${root}/shop/`,
      `${root}/./shop`,
      `${root}//shop`,
      `${root}/x/../shop`,
      `${root}/shop\0`,
      'allowed/shop',
    ])
      expect([path, told(path)]).toEqual([path, elsewhere])
    expect(told('/etc', ['/srv/a', '/srv/b'])).toBe('Projects lie under /srv/a, /srv/b.')
    expect(told(join(root, 'shop'), [])).toBe('Projects lie under no folder: CODE_ROOTS is empty.')
  })

  it('is a folder with a package.json of its own', () => {
    mkdirSync(join(root, 'empty'))
    mkdirSync(join(root, 'linked'))
    symlinkSync(join(base, 'outside/package.json'), join(root, 'linked/package.json'))
    for (const name of ['empty', 'linked']) expect(told(join(root, name))).toBe('It holds no package.json.')
    expect(told(join(root, 'shop/package.json'))).toBe('It cannot be opened as a folder: ENOTDIR.')
    expect(told(join(root, 'nothing'))).toBe('It cannot be opened as a folder: ENOENT.')
  })

  it('is reached through no link', () => {
    symlinkSync(join(base, 'outside'), join(root, 'link'))
    symlinkSync(base, join(root, 'up'))
    symlinkSync(root, join(root, 'round'))
    expect(told(join(root, 'link'))).toMatch(/^It cannot be opened as a folder: (ELOOP|ENOTDIR)\.$/)
    for (const path of ['up/outside', 'round/shop'])
      expect([path, told(join(root, path))]).toEqual([path, 'Its name leads through a link to another folder.'])
  })
})
