import { execFileSync } from 'node:child_process'
import process from 'node:process'
import { imageOn } from './test-image.ts'

/** Containers of one test at a real engine, by names of its own. */
export type EngineContainers = {
  /** The image of this machine's own shell. */
  readonly image: string
  /** A name of this test's own. */
  name(what: string): string
  docker(...args: string[]): string
  /** Starts a container without a network. @returns its full id */
  run(what: string, options: readonly string[], ...command: string[]): string
  /** Removes all that bear such a name. */
  remove(): void
}

let sets = 0

export function containersAt(socket: string): EngineContainers {
  sets += 1
  const prefix = `bl-test-${process.pid}-${sets}-`
  const image = imageOn(socket)
  const docker = (...args: string[]): string =>
    execFileSync('docker', ['-H', `unix://${socket}`, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim()
  const name = (what: string): string => `${prefix}${what}`
  return {
    image,
    name,
    docker,
    run(what, options, ...command) {
      const own = ['--name', name(what), '--network', 'none', '--label', 'com.bytelyst.test=1', '--stop-signal', 'KILL']
      return docker('run', '-d', ...own, ...options, image, ...command)
    },
    remove() {
      const left = docker('ps', '-aq', '--filter', `name=${prefix}`).split('\n').filter(Boolean)
      if (left.length > 0) docker('rm', '-f', '-v', ...left)
    },
  }
}
