import { idOf } from '@console/testkit/fake-container'

/** A secret that is planted, to be looked for in what is said. */
export const c = (what: string): string => `canary-${what}`
/** Lines with a secret that a program may print, each of a kind that is masked. */
export const printedSecrets = [
  `token eyJhbGciOiJIUzI1NiJ9.${'a'.repeat(30)}.${'b'.repeat(30)}`,
  'Authorization: Basic Y2FuYXJ5OmNhbmFyeQ==',
  'AKIAIOSFODNN7EXAMPLE',
  'postgres://user:canary-url@db/x',
  'password=canary-password',
  `ghp_${'c'.repeat(36)}`,
]
/** What must be left of none of them. */
export const secretParts = /canary-(url|password)|eyJhbGciOiJIUzI1NiJ9\.a|AKIA|Y2Fu|ccccc/

const deep = { Future: c('future'), FutureObject: { Deep: [c('deep')] } }
/** A container with a secret in every field that an engine has for one, and in some that it has not yet. */
export const full = {
  id: idOf('ca1'),
  name: 'full',
  labels: { 'traefik.http.middlewares.auth.basicauth.users': c('label'), 'com.docker.compose.service': 'web', 'com.bytelyst.note': 'kept' },
  log: ['2026-01-01T00:00:00.000000000Z plain\n'],
  listed: {
    ...deep,
    Command: c('command'),
    Mounts: [{ ...deep, Type: 'bind', Source: c('source'), Destination: '/data', Driver: c('driver'), RW: true }],
    NetworkSettings: { Networks: { bridge: { ...deep, Aliases: [c('alias')], IPAMConfig: { x: c('ipam') } } } },
    Ports: [{ ...deep, PrivatePort: 80, Type: 'tcp' }],
    HostConfig: { ...deep, Annotations: { a: c('annotation') } },
  },
  inspected: {
    ...deep,
    Path: c('path'),
    Args: [c('args')],
    LogPath: c('logpath'),
    ResolvConfPath: c('resolv'),
    ExecIDs: [c('execid')],
    HostnamePath: c('hostnamepath'),
    MountLabel: c('mountlabel'),
    AppArmorProfile: c('profile'),
    GraphDriver: { Data: { x: c('graph') } },
    State: {
      ...deep,
      Status: 'running',
      Error: c('error'),
      Health: {
        ...deep,
        Status: 'unhealthy',
        FailingStreak: 1,
        Log: [{ ...deep, Start: 's', End: 'e', ExitCode: 1, Output: c('health') }],
      },
    },
    Config: {
      ...deep,
      Image: 'image:1',
      Env: [`SECRET=${c('env')}`],
      Hostname: c('hostname'),
      WorkingDir: `/${c('workdir')}`,
      Cmd: [c('cmd')],
      Entrypoint: [c('entrypoint')],
      Healthcheck: { Test: [c('test')] },
      Labels: { x: c('label') },
      ExposedPorts: { '80/tcp': deep },
    },
    HostConfig: {
      ...deep,
      Binds: [c('bind')],
      Sysctls: { x: c('sysctl') },
      LogConfig: { Config: { x: c('logconfig') } },
      Mounts: [{ VolumeOptions: { DriverConfig: { Options: { o: c('volume') } } } }],
      RestartPolicy: { ...deep, Name: 'no' },
      NetworkMode: c('network'),
    },
    NetworkSettings: { Networks: { x: { Aliases: [c('alias')], IPAddress: c('ip') } } },
  },
}

/** A field that no version had when this was written, in every object of what an engine said. @param planted counts them */
export function withFuture(value: unknown, planted: () => void): unknown {
  if (Array.isArray(value)) return value.map((one) => withFuture(one, planted))
  if (typeof value !== 'object' || value === null) return value
  planted()
  const known = Object.entries(value).map(([name, inner]) => [name, withFuture(inner, planted)])
  return { ...Object.fromEntries(known), Future: 'canary-future', FutureObject: { Deep: ['canary-deep'] } }
}
