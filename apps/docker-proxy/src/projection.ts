/** What a container is outside this daemon. Fresh objects from an allow-list: what is not named here does not exist. */
export type Container = {
  id: string
  name: string
  names: string[]
  image: string
  imageId: string
  createdAt: string
  state: 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead'
  status: string
  health: 'healthy' | 'unhealthy' | 'starting' | 'none'
  ports: { private: number; public: number | null; type: string; address?: string }[]
  networks: string[]
  mounts: { type: string; destination: string; writable: boolean }[]
  labels: Record<string, string>
  restartCount: number | null
  exitCode: number | null
  startedAt: string | null
  finishedAt: string | null
  oomKilled: boolean
  project: string | null
  service: string | null
  protected: boolean
}
type Raw = Record<string, unknown>

const states = ['created', 'running', 'paused', 'restarting', 'removing', 'exited', 'dead']
const labelNames =
  /^(com\.docker\.compose\.(project|service|container-number)|com\.bytelyst\.[a-z.-]{1,60}|org\.opencontainers\.image\.(title|version|revision|source))$/
/** Parts of the console that nobody restarts through the console. */
const ownNames = new Set(['docker-proxy', 'devops-backend', 'gateway'])
const longestText = 256

/** A row of `GET /containers/json`, with what the last inspection knew. @returns null for what is no container */
export function listedContainer(
  value: unknown,
  detail?: Pick<Container, 'restartCount' | 'exitCode' | 'startedAt' | 'finishedAt' | 'oomKilled'>,
): Container | null {
  const raw = object(value)
  const id = text(raw.Id)
  if (!/^[a-f0-9]{64}$/.test(id)) return null
  const names = list(raw.Names)
    .map((name) => text(name).replace(/^\//, ''))
    .filter((name) => name !== '' && !name.includes('/'))
  const labels = labelsOf(raw.Labels)
  const status = text(raw.Status)
  const name = names[0] ?? id.slice(0, 12)
  return {
    id,
    name,
    names,
    image: text(raw.Image),
    imageId: text(raw.ImageID),
    createdAt: instantOfSeconds(raw.Created),
    state: stateOf(raw.State),
    status,
    health: /\(unhealthy\)/.test(status)
      ? 'unhealthy'
      : /\(healthy\)/.test(status)
        ? 'healthy'
        : /\(health: starting\)/.test(status)
          ? 'starting'
          : 'none',
    ports: list(raw.Ports).slice(0, 200).map(portOf),
    networks: Object.keys(object(object(raw.NetworkSettings).Networks))
      .slice(0, 50)
      .map(text),
    mounts: list(raw.Mounts)
      .slice(0, 200)
      .map(object)
      .map((mount) => ({ type: text(mount.Type), destination: text(mount.Destination), writable: mount.RW === true })),
    labels,
    restartCount: detail?.restartCount ?? null,
    exitCode: detail?.exitCode ?? exitCodeIn(status),
    startedAt: detail?.startedAt ?? null,
    finishedAt: detail?.finishedAt ?? null,
    oomKilled: detail?.oomKilled ?? false,
    project: labels['com.docker.compose.project'] ?? null,
    service: labels['com.docker.compose.service'] ?? null,
    protected: names.some((one) => ownNames.has(one)),
  }
}

export type Inspected = ReturnType<typeof inspectedContainer>

/** What `GET /containers/{id}/json` adds; never environment, command, paths on the host, driver options or health output. */
export function inspectedContainer(value: unknown) {
  const raw = object(value)
  const state = object(raw.State)
  const config = object(raw.Config)
  const host = object(raw.HostConfig)
  const health = object(state.Health)
  const policy = object(host.RestartPolicy)
  return {
    state: stateOf(state.Status),
    health: healthOf(health.Status),
    restartCount: integer(raw.RestartCount),
    exitCode: state.Status === 'exited' || state.Status === 'dead' ? integer(state.ExitCode) : null,
    startedAt: instant(state.StartedAt),
    finishedAt: instant(state.FinishedAt),
    oomKilled: state.OOMKilled === true,
    tty: config.Tty === true,
    user: text(config.User),
    restartPolicy: { name: text(policy.Name), maximumRetryCount: integer(policy.MaximumRetryCount) ?? 0 },
    memoryLimitBytes: positive(host.Memory),
    cpuLimit: positive(host.NanoCpus),
    pidsLimit: positive(host.PidsLimit),
    networkMode: /^(bridge|host|none|default)$/.test(text(host.NetworkMode)) ? text(host.NetworkMode) : 'other',
    privileged: host.Privileged === true,
    readonlyRootfs: host.ReadonlyRootfs === true,
    capAdd: list(host.CapAdd).map(text),
    capDrop: list(host.CapDrop).map(text),
    exposedPorts: Object.keys(object(config.ExposedPorts)).slice(0, 100).map(text),
    stopTimeoutSec: integer(config.StopTimeout),
    envCount: list(config.Env).length,
    healthLog: list(health.Log)
      .slice(-5)
      .map(object)
      .map((run) => ({ start: text(run.Start), end: text(run.End), exitCode: integer(run.ExitCode) ?? 0 })),
    failingStreak: integer(health.FailingStreak) ?? 0,
  }
}

/** An event that matters to the model: which container, and what happened, cut before anything that a command line could hold. */
export function containerEvent(value: unknown): { id: string; action: string; atNano: number } | null {
  const raw = object(value)
  if (raw.Type !== 'container') return null
  const id = text(object(raw.Actor).ID)
  const action = text(raw.Action).split(':')[0] ?? ''
  if (!/^[a-f0-9]{64}$/.test(id) || action.startsWith('exec_')) return null
  return { id, action, atNano: typeof raw.timeNano === 'number' ? raw.timeNano : 0 }
}

export function engineVersion(value: unknown) {
  const raw = object(value)
  return {
    version: text(raw.Version),
    apiVersion: text(raw.ApiVersion),
    minApiVersion: text(raw.MinAPIVersion),
    os: text(raw.Os),
    arch: text(raw.Arch),
    kernelVersion: text(raw.KernelVersion),
  }
}

export function object(value: unknown): Raw {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Raw) : {}
}

export function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

/** Cut, and without anything that moves a terminal's cursor or turns text around. */
export function text(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, longestText).replaceAll(unprintable, '').toWellFormed() : ''
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is removed
const unprintable = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g

export function integer(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : null
}

function positive(value: unknown): number | null {
  const number = integer(value)
  return number !== null && number > 0 ? number : null
}

export function instant(value: unknown): string | null {
  const time = typeof value === 'string' ? Date.parse(value) : Number.NaN
  return Number.isNaN(time) || time <= 0 ? null : new Date(time).toISOString()
}

export function instantOfSeconds(value: unknown): string {
  const time = new Date((integer(value) ?? 0) * 1_000)
  return (Number.isNaN(time.getTime()) ? new Date(0) : time).toISOString()
}

function stateOf(value: unknown): Container['state'] {
  return states.includes(value as string) ? (value as Container['state']) : 'dead'
}

function healthOf(value: unknown): Container['health'] {
  return value === 'healthy' || value === 'unhealthy' || value === 'starting' ? value : 'none'
}

function exitCodeIn(status: string): number | null {
  const code = /^Exited \(([0-9]{1,3})\)/.exec(status)?.[1]
  return code === undefined ? null : Number(code)
}

function labelsOf(value: unknown): Record<string, string> {
  return Object.fromEntries(
    Object.entries(object(value))
      .filter(([name]) => labelNames.test(name))
      .map(([name, label]) => [name, text(label)]),
  )
}

function portOf(value: unknown): Container['ports'][number] {
  const raw = object(value)
  const address = text(raw.IP)
  return {
    private: integer(raw.PrivatePort) ?? 0,
    public: integer(raw.PublicPort),
    type: text(raw.Type),
    ...(address !== '' && { address }),
  }
}
