import { type HostFiles, isUnknown, type Known, unknown } from './host-files.ts'

export type Mount = {
  readonly device: string
  readonly root: string
  readonly folder: string
  readonly type: string
  readonly source: string
  readonly options: string
}
/** Where the trees of cgroups lie; in version 1 a folder a controller, null where it is not mounted. */
export type CgroupMounts = {
  readonly version: 1 | 2 | null
  readonly unified: string | null
  readonly cpu: string | null
  readonly cpuacct: string | null
  readonly memory: string | null
  readonly blkio: string | null
}

const mostBytes = 2_097_152

/** `/proc/self/mountinfo`, https://docs.kernel.org/filesystems/proc.html section 3.5. Lines that are not understood are passed over. */
export function readMounts(files: HostFiles): Known<{ readonly items: readonly Mount[] }> {
  const read = files.text('/proc/self/mountinfo', mostBytes)
  if (isUnknown(read)) return read
  const items = read.text.split('\n').flatMap((line): Mount[] => {
    const [head = '', tail = ''] = line.split(' - ', 2)
    const [, , device, root, folder] = head.split(' ')
    const [type, source, options = ''] = tail.split(' ')
    return device && root && folder && type && source
      ? [{ device, root: plain(root), folder: plain(folder), type, source: plain(source), options }]
      : []
  })
  return items.length === 0 ? unknown('/proc/self/mountinfo: no mount is understood') : { items }
}

/** A machine that mounts controllers of version 1 counts there, even where the second tree is mounted beside them. */
export function findCgroups(mounts: readonly Mount[]): CgroupMounts {
  const of = (controller: string): string | null =>
    mounts.find(({ type, options }) => type === 'cgroup' && options.split(',').includes(controller))?.folder ?? null
  const one = { cpu: of('cpu'), cpuacct: of('cpuacct'), memory: of('memory'), blkio: of('blkio') }
  const unified = mounts.find(({ type }) => type === 'cgroup2')?.folder ?? null
  const version = one.cpuacct !== null || one.memory !== null ? 1 : unified === null ? null : 2
  return { version, unified, ...one }
}

/** Blanks, tabs, line feeds and backslashes are written as three octal digits. */
function plain(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)))
}
