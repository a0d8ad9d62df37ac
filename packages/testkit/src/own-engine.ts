import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from './daemon-harness.ts'
import { dockerdCommand, dockerdNextCommand, type Part } from './machine.ts'

/** Engines that a test may start for itself, where what it removes can be nobody else's. */
export const ownEngines: readonly { readonly part: Part; readonly what: string; readonly command: readonly string[] }[] = [
  { part: 'dockerd', what: 'an engine of its own', command: dockerdCommand },
  { part: 'dockerdNext', what: 'a newest engine of its own', command: dockerdNextCommand },
]

/** An engine that holds nothing but what the test makes in it. */
export type OwnEngine = {
  readonly socket: string
  docker(...args: string[]): string
  /** Builds an image from one file of these bytes with the engine's own builder, which leaves records in its cache. */
  build(tag: string, content: Buffer): Promise<void>
  /** Imports an image of one file of these bytes. @returns its full id */
  image(content: string, options: { readonly tag?: string; readonly labels?: Readonly<Record<string, string>> }): Promise<string>
  /** Ends it, and starts it again with what was there. */
  restart(): Promise<void>
  /** @param body an archive, or what is sent as JSON */
  ask(method: string, path: string, body?: Buffer | object): Promise<{ status: number; body: unknown }>
  stop(): Promise<void>
}

const startMs = 60_000

export async function startOwnEngine([program = '', ...options]: readonly string[]): Promise<OwnEngine> {
  const dir = mkdtempSync(join(tmpdir(), 'own-engine-'))
  const socket = join(dir, 'docker.sock')
  const namespace = `console-test-${process.pid}-${Date.now()}`
  const places = ['--data-root', join(dir, 'data'), '--exec-root', join(dir, 'exec'), '-p', join(dir, 'pid'), '-H', `unix://${socket}`]
  // In a network of its own: an engine without a bridge takes the bridge away that the usual one has.
  const alone = ['--bridge', 'none', '--iptables=false', '--ip6tables=false']
  const apart = ['--containerd-namespace', namespace, '--containerd-plugins-namespace', `${namespace}-plugins`]
  const log = openSync(join(dir, 'log'), 'w')
  const start = () => {
    const child = spawn('unshare', ['--net', program, ...places, ...alone, ...apart, ...options], { stdio: ['ignore', log, log] })
    return { child, ended: new Promise<void>((resolve) => child.once('exit', () => resolve()).once('error', () => resolve())) }
  }
  let engine = start()
  const docker = (...args: string[]): string =>
    execFileSync('docker', ['-H', `unix://${socket}`, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim()
  const ask: OwnEngine['ask'] = (method, path, body) => askEngine(socket, { method, path, body })
  const stop = async (): Promise<void> => {
    engine.child.kill('SIGTERM')
    await engine.ended
    for (const mount of mountsUnder(dir)) execFileSync('umount', ['-l', mount], { stdio: 'ignore' })
    rmSync(dir, { recursive: true, force: true })
  }
  const answers = () => until('the engine answers', async () => (await ask('GET', '/_ping').catch(() => null))?.status === 200, startMs)
  try {
    await answers()
  } catch (error) {
    const said = readFileSync(join(dir, 'log'), 'utf8').slice(-2_000)
    await stop()
    throw new Error(`${(error as Error).message}; it said: ${said}`)
  }
  return {
    socket,
    docker,
    ask,
    stop,
    async restart() {
      engine.child.kill('SIGTERM')
      await engine.ended
      engine = start()
      await answers()
    },
    async build(tag, content) {
      const tree = archiveOf({ Dockerfile: 'FROM scratch\nCOPY file /file\n', file: content })
      const { body } = await ask('POST', `/build?version=2&t=${encodeURIComponent(tag)}`, tree)
      if (String(body).includes('"error"')) throw new Error(`the build failed: ${String(body).slice(-500)}`)
    },
    async image(content, { tag, labels = {} }) {
      const [repo = '', version = ''] = tag?.split(':') ?? []
      const query = new URLSearchParams({ fromSrc: '-', ...(tag !== undefined && { repo, tag: version }) })
      for (const [name, value] of Object.entries(labels)) query.append('changes', `LABEL ${name}=${value}`)
      const { body } = await ask('POST', `/images/create?${query}`, archiveOf({ file: content }))
      const id = /sha256:[a-f0-9]{64}/.exec(typeof body === 'string' ? body : JSON.stringify(body))?.[0]
      if (id === undefined) throw new Error(`the import failed: ${JSON.stringify(body).slice(-500)}`)
      return id
    },
  }
}

function askEngine(socketPath: string, { method, path, body }: { method: string; path: string; body: Buffer | object | undefined }) {
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(body === undefined ? '' : JSON.stringify(body))
  const type = body !== undefined && { 'content-type': Buffer.isBuffer(body) ? 'application/x-tar' : 'application/json' }
  return new Promise<{ status: number; body: unknown }>((resolve, reject) => {
    const headers = { ...type, 'content-length': String(bytes.length) }
    const call = request({ socketPath, method, path, headers }, (reply) => {
      let text = ''
      reply.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
      })
      reply.once('end', () => resolve({ status: reply.statusCode ?? 0, body: parsed(text) }))
    })
    call.once('error', reject)
    call.end(bytes)
  })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function archiveOf(files: Readonly<Record<string, string | Buffer>>): Buffer {
  const parts = Object.entries(files).flatMap(([name, content]) => {
    const bytes = Buffer.from(content)
    return [tarHead(name, bytes.length), bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)]
  })
  return Buffer.concat([...parts, Buffer.alloc(1_024)])
}

/** The head of a file in a tar archive: https://www.gnu.org/software/tar/manual/html_node/Standard.html */
function tarHead(name: string, size: number): Buffer {
  const head = Buffer.alloc(512)
  head.write(name, 0, 100)
  head.write('0000644\0', 100)
  head.write('0000000\0', 108)
  head.write('0000000\0', 116)
  head.write(`${size.toString(8).padStart(11, '0')}\0`, 124)
  head.write('00000000000\0', 136)
  head.write('        ', 148)
  head.write('0', 156)
  head.write('ustar\u000000', 257)
  const sum = head.reduce((total, byte) => total + byte, 0)
  head.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return head
}

/** What the engine left mounted, the innermost first. */
function mountsUnder(dir: string): string[] {
  const points = readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
  return points.filter((point) => point.startsWith(`${dir}/`)).reverse()
}
