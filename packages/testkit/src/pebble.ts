import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { get } from 'node:https'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { until } from './daemon-harness.ts'
import { pebbleDnsPath, pebblePath } from './machine.ts'
import { freePorts } from './start-console.ts'
import { certificateFor } from './tls-front.ts'

/** A running ACME server (RFC 8555) that asks at this machine for every name. */
export type Pebble = {
  /** Its directory, at an address that containers reach. */
  readonly directory: string
  /** File with the certificate of its own address, which no usual client believes. */
  readonly authority: string
  /** The root of the certificates that it gives. */
  readonly root: string
  /** What it wrote. */
  readonly output: string[]
  stop(): Promise<void>
}

/**
 * Starts Pebble with a DNS server for which all names are this machine.
 * @param folder of the caller's, that others may read
 * @param tlsPort where it asks by the TLS challenge (RFC 8737), in the place of 443
 */
export async function startPebble(folder: string, tlsPort: number): Promise<Pebble> {
  mkdirSync(folder, { recursive: true })
  const host = addressOfThisMachine()
  const [port = 0, management = 0, dns = 0, dnsManagement = 0] = await freePorts(4)
  const { key, cert } = certificateFor([host])
  const [authority, config] = [join(folder, 'directory.pem'), join(folder, 'pebble.json')]
  writeFileSync(authority, cert, { mode: 0o644 })
  writeFileSync(join(folder, 'directory.key'), key, { mode: 0o600 })
  const pebble = {
    listenAddress: `${host}:${port}`,
    managementListenAddress: `${host}:${management}`,
    certificate: authority,
    privateKey: join(folder, 'directory.key'),
    httpPort: 80,
    tlsPort,
  }
  writeFileSync(config, JSON.stringify({ pebble }))
  const names = begin(pebbleDnsPath, [
    ...['-defaultIPv4', '127.0.0.1', '-defaultIPv6', '', '-dnsserver', `127.0.0.1:${dns}`],
    ...['-http01', '', '-https01', '', '-tlsalpn01', '', '-doh', '', '-management', `127.0.0.1:${dnsManagement}`],
  ])
  const server = begin(pebblePath, ['-config', config, '-dnsserver', `127.0.0.1:${dns}`], { PEBBLE_VA_NOSLEEP: '1' })
  const stop = async (): Promise<void> => {
    await Promise.all([server.end(), names.end()])
  }
  try {
    const root = await until('pebble answers', () => read(`https://${host}:${management}/roots/0`, cert).catch(() => null), 20_000)
    return { directory: `https://${host}:${port}/dir`, authority, root, output: server.output, stop }
  } catch (error) {
    await stop()
    throw new Error([...names.output, ...server.output].join(''), { cause: error })
  }
}

/** An IPv4 address of this machine that is not loopback: what comes from it, or goes there from a container, is from outside. */
export function addressOfThisMachine(): string {
  const found = Object.values(networkInterfaces())
    .flat()
    .find((one) => one?.family === 'IPv4' && !one.internal)
  if (!found) throw new Error('this machine has no address but loopback')
  return found.address
}

type Begun = { readonly output: string[]; end(): Promise<void> }

function begin(program: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Begun {
  const child: ChildProcess = spawn(program, args, { env: { PATH: process.env.PATH, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  const output: string[] = []
  for (const pipe of [child.stdout, child.stderr]) pipe?.on('data', (bytes: Buffer) => output.push(bytes.toString()))
  const closed = new Promise<void>((resolve) => {
    child.once('close', resolve)
    child.once('error', (error) => {
      output.push(String(error))
      resolve()
    })
  })
  return {
    output,
    async end() {
      child.kill()
      await closed
    },
  }
}

function read(url: string, ca: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get(url, { ca, agent: false }, (reply) => {
      const chunks: Buffer[] = []
      reply.on('data', (chunk: Buffer) => chunks.push(chunk))
      reply.once('error', reject)
      reply.once('end', () =>
        reply.statusCode === 200 ? resolve(Buffer.concat(chunks).toString()) : reject(new Error(`${reply.statusCode}`)),
      )
    }).once('error', reject)
  })
}
