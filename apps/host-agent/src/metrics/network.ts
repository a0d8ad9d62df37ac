import { type HostFiles, isUnknown, type Known, plainName, unknown } from './host-files.ts'

/** Counters since the interface came up. `physical` has a device behind it; what containers have between them has none. */
type Interface = {
  readonly name: string
  readonly kind: 'physical' | 'virtual' | 'loopback'
  readonly receivedBytes: number
  readonly sentBytes: number
  readonly errors: number
  readonly dropped: number
}
export type Network = { readonly items: readonly Interface[]; readonly left: number }

const most = 32
const order = { physical: 0, virtual: 1, loopback: 2 }

/**
 * `/proc/net/dev`, https://docs.kernel.org/filesystems/proc.html section 1.4, by the network that host-agent itself is in. The ends of
 * containers (`veth…`) are left out and counted: there is one a container, and each byte of theirs is told by another interface too.
 */
export function readNetwork(files: HostFiles): Known<Network> {
  const read = files.text('/proc/self/net/dev', 1_048_576)
  if (isUnknown(read)) return read
  const all = read.text.split('\n').flatMap((line): Interface[] => {
    const [, name = '', rest = ''] = /^\s*([^\s:/]{1,15}):\s*(.*)$/.exec(line) ?? []
    const values = rest.trim().split(/\s+/)
    if (name === '' || name === '.' || name === '..' || values.length < 16 || !values.every((value) => /^[0-9]{1,20}$/.test(value)))
      return []
    const [received = 0, , errorsIn = 0, droppedIn = 0, , , , , sent = 0, , errorsOut = 0, droppedOut = 0] = values.map(Number)
    const kind = name === 'lo' ? 'loopback' : files.names(`/sys/class/net/${name}/device`, 1).length > 0 ? 'physical' : 'virtual'
    return [
      {
        name: plainName(name),
        kind,
        receivedBytes: received,
        sentBytes: sent,
        errors: errorsIn + errorsOut,
        dropped: droppedIn + droppedOut,
      },
    ]
  })
  if (all.length === 0) return unknown('/proc/self/net/dev: no interface is understood')
  const own = all.filter(({ name }) => !name.startsWith('veth')).sort((a, b) => order[a.kind] - order[b.kind])
  return { items: own.slice(0, most), left: all.length - Math.min(own.length, most) }
}
