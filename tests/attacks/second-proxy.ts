import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, chownSync, cpSync, mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { until } from '@console/testkit/daemon-harness'
import { type DeployedConsole, docker, placesOfAgent } from '@console/testkit/deployed-console'
import { dockerSocket } from '@console/testkit/needs'

/**
 * Starts a second docker-proxy of the same image, whose folder of sockets is the test's, and answers how it went, `ready` or `ended`, with
 * what it wrote.
 */
export function secondProxies(deployed: DeployedConsole, scratch: string): (folder: string) => Promise<string> {
  const image = docker('inspect', '--format', '{{.Image}}', deployed.nameOf('docker-proxy'))
  // A copy, as the second docker-proxy publishes a key of its own.
  cpSync(placesOfAgent(deployed).keys, join(scratch, 'keys'), { recursive: true })
  execFileSync('chown', ['-R', '1001:1001', join(scratch, 'keys')])
  return async (folder) => {
    for (const name of [folder, `${folder}-data`]) {
      mkdirSync(join(scratch, name), { mode: 0o750, recursive: true })
      chmodSync(join(scratch, name), name === folder ? 0o750 : 0o700)
      chownSync(join(scratch, name), 1001, 1001)
    }
    const mounts = [
      `${join(scratch, 'keys')}:/keys`,
      `${join(scratch, folder)}:/run/docker-proxy`,
      `${join(scratch, `${folder}-data`)}:/data`,
      `${dockerSocket}:/var/run/docker.sock:ro`,
    ]
    const own = ['--network', 'none', '--read-only', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges:true']
    own.push('--group-add', String(statSync(dockerSocket).gid), '--tmpfs', '/run/gateway:uid=1001,gid=1001,mode=0750')
    const id = docker('run', '--detach', ...own, ...mounts.flatMap((mount) => ['-v', mount]), image)
    try {
      return await until(
        'it is ready or has ended',
        () => {
          const ended = docker('inspect', '--format', '{{.State.Running}}', id) === 'false'
          const { stdout, stderr } = spawnSync('docker', ['logs', id], { encoding: 'utf8' })
          return ended || stdout.includes('"msg":"ready"') ? `${ended ? 'ended' : 'ready'} ${stdout}${stderr}` : null
        },
        60_000,
      )
    } finally {
      docker('rm', '--force', id)
    }
  }
}
