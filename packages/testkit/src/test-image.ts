import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { dockerSocket, needs } from './machine.ts'

const programs = ['bash', 'cat', 'date', 'env', 'false', 'head', 'hostname', 'mkdir', 'rm', 'seq', 'sleep', 'stty', 'touch', 'true', 'yes']
const name = 'console-test-image:1'

/** An image of this machine's own shell and a few programs: containers of tests run it, so that none has to be pulled. */
export const testImage: string = needs.docker ? imageOn(dockerSocket) : name

/** The same image on another engine. @returns its name */
export function imageOn(socket: string): string {
  const docker = (...args: string[]): string => execFileSync('docker', ['-H', `unix://${socket}`, ...args], { encoding: 'utf8' })
  if (spawnSync('docker', ['-H', `unix://${socket}`, 'image', 'inspect', name], { stdio: 'ignore' }).status === 0) return name
  const tree = mkdtempSync(join(tmpdir(), 'test-image-'))
  try {
    for (const folder of ['tmp', 'dev', 'proc', 'sys', 'etc', 'root']) mkdirSync(join(tree, folder))
    for (const program of programs) putProgram(tree, program)
    symlinkSync('bash', join(tree, 'bin/sh'))
    const archive = execFileSync('tar', ['-C', tree, '--owner=0', '--group=0', '-c', '.'], { maxBuffer: 256 * 1024 * 1024 })
    execFileSync('docker', ['-H', `unix://${socket}`, 'import', '--change', 'ENV PATH=/bin', '-', name], { input: archive, stdio: 'pipe' })
    docker('image', 'inspect', name)
    return name
  } finally {
    rmSync(tree, { recursive: true, force: true })
  }
}

/** A program and every library that its loader would open, at the paths where they are looked for. */
function putProgram(tree: string, program: string): void {
  const path = execFileSync('sh', ['-c', `command -v ${program}`], { encoding: 'utf8' }).trim()
  const found = ['bin', 'usr/bin'].map((folder) => `/${folder}/${program}`).find((place) => existsSync(place)) ?? path
  put(tree, found, `/bin/${program}`)
  const told = spawnSync('ldd', [found], { encoding: 'utf8' }).stdout ?? ''
  for (const [, library = ''] of told.matchAll(/(\/[^\s)]+)\s*\(0x/g)) put(tree, library, library)
}

function put(tree: string, from: string, to: string): void {
  const target = join(tree, to)
  if (existsSync(target)) return
  mkdirSync(dirname(target), { recursive: true })
  cpSync(realpathSync(from), target, { dereference: true })
  if (readFileSync(target).length === 0) throw new Error(`${from} is empty`)
}
