import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readdirSync, realpathSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'

const ours = '@console'

/**
 * The sources as they stand, in a folder of their own whose workspace leads to itself: what others wrote is shared with `root`, but
 * `@console/…` is the copy's. So a fault in one package is a fault for every package that imports it.
 */
export function copySources(root: string, copy: string): void {
  const { stdout } = spawnSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root, encoding: 'utf8' })
  const files = stdout.split('\0').filter((path) => path !== '' && existsSync(join(root, path)))
  if (files.length === 0) throw new Error('git names no file of the sources')
  for (const path of files) {
    mkdirSync(dirname(join(copy, path)), { recursive: true })
    copyFileSync(join(root, path), join(copy, path))
  }
  const rooms = ['apps', 'packages'].flatMap((kind) => readdirSync(join(copy, kind)).map((name) => join(kind, name)))
  for (const room of ['.', ...rooms]) if (existsSync(join(root, room, 'node_modules'))) linkModules({ root, copy, room })
}

function linkModules({ root, copy, room }: { root: string; copy: string; room: string }): void {
  const from = join(root, room, 'node_modules')
  const to = join(copy, room, 'node_modules')
  mkdirSync(to)
  for (const name of readdirSync(from).filter((one) => !one.startsWith('.') && one !== ours))
    symlinkSync(realpathSync(join(from, name)), join(to, name))
  if (!existsSync(join(from, ours))) return
  mkdirSync(join(to, ours))
  for (const name of readdirSync(join(from, ours))) symlinkSync(join(copy, 'packages', name), join(to, ours, name))
}
