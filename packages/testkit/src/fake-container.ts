/** A container of the recording engine; what a test does not say is ordinary. */
export type FakeContainer = {
  readonly id: string
  readonly name: string
  readonly state?: 'created' | 'running' | 'paused' | 'exited'
  readonly status?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly startedAt?: string
  readonly tty?: boolean
  /** Lines of its log, each with its own line end. */
  readonly log?: readonly string[]
  /** Laid over what the list and the inspection say. */
  readonly listed?: object
  readonly inspected?: object
}

/** A full id that begins with these hex digits. */
export function idOf(prefix: string): string {
  return prefix.padEnd(64, '0')
}

/** A row of `GET /containers/json`, as an engine writes it. */
export function listRow({ id, name, state = 'running', status, labels = {}, listed }: FakeContainer): object {
  return {
    Id: id,
    Names: [`/${name}`],
    Image: 'image:1',
    ImageID: `sha256:${'e'.repeat(64)}`,
    Command: 'sleep 600',
    Created: 1_700_000_000,
    State: state,
    Status: status ?? (state === 'running' ? 'Up 3 minutes' : 'Exited (0) 3 minutes ago'),
    Ports: [{ IP: '127.0.0.1', PrivatePort: 80, PublicPort: 8_080, Type: 'tcp' }],
    Labels: labels,
    HostConfig: { NetworkMode: 'default' },
    NetworkSettings: { Networks: { bridge: { IPAddress: '172.17.0.2' } } },
    Mounts: [],
    ...listed,
  }
}

/** The answer of `GET /containers/{id}/json`. */
export function inspection({
  id,
  name,
  state = 'running',
  labels = {},
  startedAt = '2026-01-01T00:00:00Z',
  tty = false,
  inspected,
}: FakeContainer): object {
  return {
    Id: id,
    Name: `/${name}`,
    Created: '2026-01-01T00:00:00Z',
    RestartCount: 0,
    State: { Status: state, ExitCode: 0, OOMKilled: false, StartedAt: startedAt, FinishedAt: '0001-01-01T00:00:00Z' },
    Config: { Image: 'image:1', Tty: tty, User: '', Env: ['PATH=/bin'], Labels: labels },
    HostConfig: { RestartPolicy: { Name: 'no', MaximumRetryCount: 0 }, NetworkMode: 'default' },
    ...inspected,
  }
}

/** Text of a log as the engine sends it: bare from a terminal, else behind a head of 8 bytes (stream, length). */
export function frame(text: string | Buffer, tty = false, stream: 1 | 2 = 1): Buffer {
  const bytes = Buffer.from(text)
  if (tty) return bytes
  const head = Buffer.from([stream, 0, 0, 0, 0, 0, 0, 0])
  head.writeUInt32BE(bytes.length, 4)
  return Buffer.concat([head, bytes])
}
