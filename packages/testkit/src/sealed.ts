import { execFileSync } from 'node:child_process'

/** What a container gives docker-proxy in production; a test takes one thing away. */
export type Seal = {
  readonly account: boolean
  readonly noCapability: boolean
  readonly noNewPrivileges: boolean
  readonly readOnlyRoot: boolean
  readonly noNetwork: boolean
}
const whole: Seal = { account: true, noCapability: true, noNewPrivileges: true, readOnlyRoot: true, noNetwork: true }

/**
 * The command to put in front of a program so that it runs as in its container, without one: as nobody, with no capability and no network,
 * and with nothing to write but one folder, which is given to nobody. Needs the part `sealed`.
 */
export function sealedBefore(writable: string, but: Partial<Seal> = {}): readonly string[] {
  const seal = { ...whole, ...but }
  execFileSync('chown', ['-R', '65534:65534', writable])
  const mounts = `mount --bind "$0" "$0"${seal.readOnlyRoot ? ' && mount -o remount,bind,ro /' : ''} && exec "$@"`
  return [
    'unshare',
    '--mount',
    ...(seal.noNetwork ? ['--net'] : []),
    'sh',
    '-c',
    mounts,
    writable,
    'setpriv',
    ...(seal.account ? ['--reuid=65534', '--regid=65534', '--clear-groups'] : []),
    ...(seal.noCapability ? ['--bounding-set=-all', '--inh-caps=-all'] : ['--inh-caps=+net_raw', '--ambient-caps=+net_raw']),
    ...(seal.noNewPrivileges ? ['--no-new-privs'] : []),
  ]
}
