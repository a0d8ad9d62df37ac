import {
  closeSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { reportFigure, rounds } from '@console/testkit/deep'
import { swapper } from '@console/testkit/swapper'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { copyTree } from './copy-tree.ts'
import { openProject } from './open-project.ts'

let base: string
let tree: string

beforeAll(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), 'copy-races-')))
  tree = join(base, 'allowed/tree')
  for (const folder of ['allowed/tree/sub', 'outside/sub']) mkdirSync(join(base, folder), { recursive: true })
  writeFileSync(join(tree, 'package.json'), '{}')
  for (const name of ['file.txt', 'sub/x.txt']) writeFileSync(join(tree, name), 'good')
  for (const name of ['secret', 'sub/x.txt']) writeFileSync(join(base, 'outside', name), 'evil')
})
afterAll(() => rmSync(base, { recursive: true, force: true }))

it('takes nothing from outside while a file and a folder are swapped with links to there', async () => {
  const swapping = Object.entries({ 'file.txt': 'outside/secret', sub: 'outside/sub' }).map(([name, target]) => {
    symlinkSync(join(base, target), join(tree, `${name}.link`))
    return swapper(join(tree, name), join(tree, `${name}.link`))
  })
  const least = rounds({ test: 150, deep: 20_000 })
  const seen = { good: 0, left: 0, evil: 0 }
  let copies = 0
  try {
    for (; copies < least || ((seen.good === 0 || seen.left === 0) && copies < 20 * least); copies += 1) {
      const into = join(base, 'copy')
      mkdirSync(into)
      const project = openProject(tree, [join(base, 'allowed')])
      const bounds = { mostFiles: 100, mostBytes: 1_048_576, deepest: 5 }
      const { left } = await copyTree({ project, into, owner: null, bounds, stopped: () => false }).finally(() => closeSync(project.fd))
      const texts = textsBelow(into)
      seen.left += left
      seen.good += texts.filter((text) => text === 'good').length
      seen.evil += texts.filter((text) => text === 'evil').length
      rmSync(into, { recursive: true })
    }
  } finally {
    await Promise.all(swapping.map((one) => new Promise((resolve) => one.once('exit', resolve).kill('SIGKILL'))))
  }
  reportFigure('swap races of a project, copies', copies)
  expect([seen.evil, seen.good > 0, seen.left > 0]).toEqual([0, true, true])
}, 120_000)

/** Of plain files: a link that stays inside leads to one of them or nowhere. */
function textsBelow(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name)
    const info = lstatSync(path)
    if (info.isDirectory()) return textsBelow(path)
    return info.isFile() ? [readFileSync(path, 'utf8')] : []
  })
}
