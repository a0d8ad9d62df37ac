import { readFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'

/** What this process could do beside its verbs, if somebody else came to steer it. */
export type Standing = {
  readonly uid: number
  /** Bits of capabilities that it holds or could take back; null where that cannot be read. */
  readonly capabilities: bigint | null
  /** A program that it starts could be given more rights than it has itself. */
  readonly mayGain: boolean
  readonly rootWritable: boolean
  /** Names of network interfaces with an address, but for loopback. */
  readonly interfaces: readonly string[]
}

/** Read once, at the start: none of it can grow afterwards without root. */
export function readStanding(proc = '/proc/self', interfaces = networkInterfaces()): Standing {
  const status = textOf(`${proc}/status`)
  const field = (name: string): string | undefined => new RegExp(`^${name}:\\s*([0-9a-f]+)$`, 'm').exec(status)?.[1]
  const held = ['CapEff', 'CapPrm'].map(field)
  return {
    uid: process.getuid?.() ?? -1,
    capabilities: held.includes(undefined) ? null : held.reduce((all, bits) => all | BigInt(`0x${bits}`), 0n),
    mayGain: field('NoNewPrivs') !== '1',
    rootWritable: !isReadOnly(textOf(`${proc}/mountinfo`)),
    interfaces: Object.entries(interfaces).flatMap(([name, addresses]) => (addresses?.some(({ internal }) => !internal) ? [name] : [])),
  }
}

export const runsAsRoot = 'docker-proxy runs as root: it needs only the docker group.'

/** What weakens docker-proxy, the part that holds the engine; one sentence each that says what to do. */
export function weaknesses({ uid, capabilities, mayGain, rootWritable, interfaces }: Standing): string[] {
  return [
    uid === 0 && runsAsRoot,
    capabilities === null && 'docker-proxy cannot read which capabilities it holds: mount /proc.',
    capabilities !== null && capabilities !== 0n && `docker-proxy holds capabilities (${capabilities.toString(16)}): drop all of them.`,
    mayGain && 'docker-proxy could gain rights: set no-new-privileges.',
    rootWritable && 'docker-proxy has a root folder on a writable file system: make it read-only.',
    interfaces.length > 0 && `docker-proxy has a network (${interfaces.join(', ')}): it needs none.`,
  ].filter((why) => why !== false)
}

/** The last mount over `/` is the one that is seen; what cannot be read is taken for writable. */
function isReadOnly(mountinfo: string): boolean {
  const options = mountinfo
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([, , , , point]) => point === '/')
    .at(-1)?.[5]
  return options?.split(',').includes('ro') ?? false
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
