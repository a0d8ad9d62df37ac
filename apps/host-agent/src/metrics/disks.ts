import { statfs as statfsOf } from 'node:fs/promises'
import { type HostFiles, type Known, plainName, unknown } from './host-files.ts'
import type { Mount } from './mounts.ts'

type Disk = {
  readonly mount: string
  readonly type: string
  readonly totalBytes: number
  readonly usedBytes: number
  /** For an ordinary account: what root holds back is neither used nor available. */
  readonly availableBytes: number
  readonly inodes: number
  readonly inodesUsed: number
}
export type Disks = { readonly items: readonly Known<Disk>[]; readonly left: number }
type Space = {
  readonly bsize: number
  readonly blocks: number
  readonly bfree: number
  readonly bavail: number
  readonly files: number
  readonly ffree: number
}
export type Statfs = (path: string) => Promise<Space>

/**
 * File systems that lie on a disk of this machine. What is asked over a network is left out: `statfs` of a server that went away never
 * returns, and the space is not this machine's.
 */
const onDisk = new Set([
  'ext2',
  'ext3',
  'ext4',
  'xfs',
  'btrfs',
  'zfs',
  'f2fs',
  'jfs',
  'reiserfs',
  'bcachefs',
  'vfat',
  'exfat',
  'ntfs',
  'ntfs3',
  'nilfs2',
])
const most = 32
const withinMs = 2_000

/** Space and inodes of every real file system, once each however often it is mounted; `/` whatever it lies on. `man 2 statfs`, `man 1 df`. */
export async function readDisks(files: HostFiles, mounts: readonly Mount[], statfs: Statfs = statfsOf): Promise<Disks> {
  const seen = new Map<string, Mount>()
  for (const mount of mounts) {
    if (!(onDisk.has(mount.type) || mount.folder === '/')) continue
    // Later mounts of one device are binds of parts of it; the shortest folder is the one that people know it by.
    const known = seen.get(mount.device)
    if (!known || mount.folder.length < known.folder.length) seen.set(mount.device, mount)
  }
  const wanted = [...seen.values()].sort((a, b) => (a.folder < b.folder ? -1 : 1))
  const items = await Promise.all(wanted.slice(0, most).map((mount) => measure(files, mount, statfs)))
  return { items: items.filter((item) => 'unknown' in item || item.totalBytes > 0), left: Math.max(0, wanted.length - most) }
}

async function measure(files: HostFiles, { folder, type }: Mount, statfs: Statfs): Promise<Known<Disk>> {
  const mount = plainName(folder)
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${withinMs} ms`)), withinMs)
  })
  try {
    const { bsize, blocks, bfree, bavail, files: inodes, ffree } = await Promise.race([statfs(files.at(folder)), late])
    return {
      mount,
      type,
      totalBytes: blocks * bsize,
      usedBytes: (blocks - bfree) * bsize,
      availableBytes: bavail * bsize,
      inodes,
      inodesUsed: inodes - ffree,
    }
  } catch (error) {
    return unknown(`${mount}: ${(error as NodeJS.ErrnoException).code ?? (error as Error).message}`)
  } finally {
    clearTimeout(timer)
  }
}
