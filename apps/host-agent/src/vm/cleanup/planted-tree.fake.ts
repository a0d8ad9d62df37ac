import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

const day = 86_400_000
/** A machine's folders below one of the test's own, with something of everything that a cleanup may take and much that it may not. */
export type PlantedTree = {
  readonly root: string
  write(path: string, options?: { readonly daysOld?: number; readonly bytes?: number }): string
  isThere(path: string): boolean
  remove(): void
}

export function plantTree(): PlantedTree {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'vm-tree-')))
  const write: PlantedTree['write'] = (path, { daysOld = 0, bytes = 5_000 } = {}) => {
    const file = join(root, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, 'x'.repeat(bytes))
    const at = new Date(Date.now() - daysOld * day)
    utimesSync(file, at, at)
    return file
  }
  return {
    root,
    write,
    isThere: (path) => lstatSync(join(root, path), { throwIfNoEntry: false }) !== undefined,
    remove: () => rmSync(root, { recursive: true, force: true }),
  }
}

/** What a cleanup may take: a path of each place, old enough. */
export const goes = [
  '/var/cache/apt/archives/bash_5.2_amd64.deb',
  '/var/cache/apt/archives/partial/half.deb',
  '/var/log/nginx/access.log.2.gz',
  '/var/log/syslog.1',
  '/var/crash/_usr_bin_x.0.crash',
]
/** What it may never take, whatever its age. */
export const stays = [
  '/var/cache/apt/archives/lock',
  '/var/cache/apt/pkgcache.bin',
  '/var/log/syslog',
  '/var/log/audit/audit.log.1',
  '/var/log/wtmp.1',
  '/var/log/a/b/deep.gz',
  '/var/log/journal/m1/system.journal',
  '/var/lib/docker/overlay2/layer/old.gz',
  '/var/lib/docker/containers/c/c-json.log.1',
  '/var/lib/mysql/dump.sql.gz',
  '/home/uma/notes.old',
  '/etc/shadow.old',
  '/srv/tmp/thing.gz',
]

/** All of both, and names that are made to mislead. */
export function plantAll(tree: PlantedTree): void {
  for (const path of [...goes, ...stays]) tree.write(path, { daysOld: 400 })
  tree.write('/var/log/fresh.log.1', { daysOld: 2 })
  symlinkSync(join(tree.root, 'etc/shadow.old'), join(tree.root, 'var/log/link.gz'))
  linkSync(tree.write('/var/lib/keep/twin', { daysOld: 400 }), join(tree.root, 'var/log/twin.gz'))
  tree.write('/var/log/two\nlines.gz', { daysOld: 400 })
  tree.write('/var/log/\u202egpj.gz', { daysOld: 400 })
  mkdirSync(join(tree.root, 'tmp'), { recursive: true })
  chmodSync(join(tree.root, 'tmp'), 0o1777)
}
