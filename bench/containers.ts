import { execFileSync } from 'node:child_process'
import { testImage } from '@console/testkit/test-image'

const docker = (...args: string[]): string => execFileSync('docker', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
const label = `com.bytelyst.bench=${process.pid}`

/** Starts so many containers that do nothing, labelled as this program's own. */
export function startContainers(count: number, command: readonly string[] = ['sleep', 'infinity'], prefix = 'bench'): void {
  for (let index = 0; index < count; index += 1)
    docker(
      'run',
      '-d',
      '--init',
      '--network',
      'none',
      '--label',
      label,
      '--label',
      'com.bytelyst.test=1',
      '--name',
      `${prefix}-${process.pid}-${index}`,
      testImage,
      ...command,
    )
}

/** Removes those that this program started, and no other. */
export function removeContainers(): void {
  const ids = docker('ps', '-aq', '--filter', `label=${label}`).split('\n').filter(Boolean)
  if (ids.length > 0) docker('rm', '-f', '-v', ...ids)
}
