import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type DeployedConsole, type DeployedPart, docker } from '@console/testkit/deployed-console'

type Mount = { readonly from: string; readonly point: string; readonly options: readonly string[] }
/** What this host sees of the processes, mounts, groups and files of a deployed console's containers. */
export type LookInside = {
  proc(part: DeployedPart, file: string): string
  mountsOf(part: DeployedPart): Mount[]
  /** The most memory and processes that a part's control group has, by either version of the hierarchy. */
  limitsOf(part: DeployedPart): [number, number]
  /** The same of a service that runs for a moment: in a container of it that ends again. */
  once(service: 'keys' | 'backups', program: string, ...args: string[]): string
  /** Runs a program of Node inside a part, as that part, and answers what it printed. */
  inside(part: DeployedPart, program: string, ...args: string[]): string
  addressOf(part: DeployedPart): string
  /** Where a volume lies on this host. */
  volume(name: string): string
  /** Every row of the three logs that containers keep. */
  allRows(): string[]
  rowsThatTell(words: RegExp): string[]
}

/** A program for `inside` that is given an address and a port, or the path of a socket: `reached`, or why not. */
export const connecting = `const [to, port] = process.argv.slice(1)
  const socket = require('node:net').connect(port ? { host: to, port: Number(port) } : { path: to })
  const say = (word) => { console.log(word); process.exit(0) }
  socket.on('connect', () => say('reached')).on('error', (error) => say(error.code)); setTimeout(() => say('silent'), 4000)`

/** A program for `inside` that is given paths, and prints those that it could write. */
export const writing = `for (const path of process.argv.slice(1)) { try { require('node:fs').writeFileSync(path, ''); console.log(path) } catch {} }`

/** What a container that runs for a moment told of itself. */
export type OwnWord = { readonly status: string; readonly memory: number; readonly tasks: string; readonly net: string }
/** A program that tells just that. */
export const ownWord = `const { readFileSync: read } = require('node:fs')
  const first = (...files) => { for (const file of files) try { return read(file, 'utf8') } catch {} }
  console.log(JSON.stringify({ status: read('/proc/self/status', 'utf8'), memory: process.constrainedMemory(), net: read('/proc/net/dev', 'utf8'),
    tasks: first('/sys/fs/cgroup/pids.max', '/sys/fs/cgroup/pids/pids.max') }))`

/** One field of a process' `status`, with single spaces. */
export function fieldIn(status: string, name: string): string {
  return new RegExp(`^${name}:[ \\t]*(.*)$`, 'm').exec(status)?.[1]?.replaceAll(/\s+/g, ' ').trim() ?? ''
}

export function lookInside(deployed: DeployedConsole): LookInside {
  const proc = (part: DeployedPart, file: string): string => readFileSync(`/proc/${deployed.pidOf(part)}/${file}`, 'utf8')
  const volume = (name: string): string => docker('volume', 'inspect', '--format', '{{.Mountpoint}}', `${deployed.network}_${name}`)
  const allRows = (): string[] =>
    [
      ['platform-data', 'platform'],
      ['backend-data', 'devops'],
      ['proxy-data', 'docker-proxy'],
    ].flatMap(([name = '', folder = '']) => rowsIn(join(volume(name), folder, 'audit')))
  return {
    proc,
    volume,
    allRows,
    mountsOf: (part) =>
      proc(part, 'mountinfo')
        .split('\n')
        .map((line) => line.split(' '))
        .map(([, , , from = '', point = '', options = '']) => ({ from, point, options: options.split(',') })),
    limitsOf: (part) => limitsIn(proc(part, 'cgroup')),
    once: (service, program, ...args) => {
      const project = ['--project-name', deployed.network, '--file', join(deployed.dir, 'state/current.yaml'), '--profile', 'backups']
      return docker('compose', ...project, 'run', '--rm', '--no-deps', '--no-TTY', '--entrypoint', 'node', service, '-e', program, ...args)
    },
    inside: (part, program, ...args) => docker('exec', deployed.nameOf(part), 'node', '-e', program, ...args),
    addressOf: (part) =>
      docker('inspect', '--format', `{{(index .NetworkSettings.Networks "${deployed.network}").IPAddress}}`, deployed.nameOf(part)),
    rowsThatTell: (words) => allRows().filter((row) => words.test(row)),
  }
}

function rowsIn(folder: string): string[] {
  return (
    readdirSync(folder)
      .filter((file) => file.endsWith('.log'))
      // A segment is written into space that was taken beforehand: what lies behind its last row is empty.
      .flatMap((file) =>
        readFileSync(join(folder, file), 'utf8')
          .split('\n')
          .filter((line) => line.startsWith('{')),
      )
  )
}

function limitsIn(cgroup: string): [number, number] {
  const lines = cgroup
    .trim()
    .split('\n')
    .map((line) => line.split(':'))
  const read = (file: string): number => Number(readFileSync(file, 'utf8').trim())
  const unified = lines.find(([number, controllers]) => number === '0' && controllers === '')?.[2]
  if (lines.length === 1 && unified) return [read(`/sys/fs/cgroup${unified}/memory.max`), read(`/sys/fs/cgroup${unified}/pids.max`)]
  const under = (controller: string) =>
    `/sys/fs/cgroup/${controller}${lines.find(([, names = '']) => names.split(',').includes(controller))?.[2]}`
  return [read(`${under('memory')}/memory.limit_in_bytes`), read(`${under('pids')}/pids.max`)]
}
