import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { openDesk } from '@console/testkit/agent-desk'
import { type AgentPlace, openLocalPlace, openVmPlace } from '@console/testkit/agent-place'
import { until } from '@console/testkit/daemon-harness'
import { describeNeeding } from '@console/testkit/needs'
import { testImage } from '@console/testkit/test-image'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const examples = join(import.meta.dirname, '../examples')
const scripts = readdirSync(examples, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.sh'))
const read = (name: string): string => readFileSync(join(examples, name), 'utf8')

/** The examples, lying in a place as they lie here, and a Node where they look for one. */
function layOut(place: AgentPlace, node: string): void {
  for (const name of [...scripts, 'hello-process/server.js', 'hello-process/package.json']) {
    place.bash('umask 022; mkdir -p "$(dirname "$1")"', `${place.scripts}/${name}`)
    place.write(`${place.scripts}/${name}`, read(name))
  }
  place.bash('mkdir -p "$1/../node_modules/.bin" && ln -sf "$2" "$1/../node_modules/.bin/node"', place.scripts, node)
}

/** What a process of that place hears on a port of its loopback; nothing where the service is gone, or goes while it is asked. */
const hear = (place: AgentPlace, port: number): string =>
  place.bash(
    'trap "" PIPE; exec 9<>"/dev/tcp/127.0.0.1/$1" 2>/dev/null || exit 0; printf "GET /healthz HTTP/1.0\\r\\n\\r\\n" >&9; timeout 20 cat <&9 2>/dev/null; true',
    String(port),
  )

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

function processExample(open: () => Promise<AgentPlace>, nodeOf: (place: AgentPlace) => string): void {
  let place: AgentPlace
  beforeAll(async () => {
    place = await open()
    layOut(place, nodeOf(place))
    await place.start()
  }, 90_000)
  afterAll(() => place?.remove(), 90_000)

  it('hello-process starts a service that outlives its run, and the next deploy replaces it', async () => {
    const desk = openDesk(place)
    const PORT = String(await freePort())
    const stop = `systemctl stop "hello-process-$1.service" 2>/dev/null
      f="\${XDG_STATE_HOME:-$HOME/.local/state}/hello-process/$1"; [ ! -e "$f.pid" ] || kill "$(cat "$f.pid")"; rm -f "$f.pid" "$f.log"; true`
    try {
      expect((await desk.approve('hello-process-deploy')).status).toBe(200)
      for (const RELEASE of ['one', 'two']) {
        const runId = await desk.begin('hello-process-deploy', { variables: { RELEASE, PORT } })
        const run = await desk.ended(runId, 80_000)
        const said = (await desk.lines(runId)).map(({ text }) => text).join('\n')
        expect([run.exitCode, said]).toEqual([0, expect.stringContaining(`release ${RELEASE} answers on 127.0.0.1:${PORT}`)])
        expect(run.steps.map(({ name }) => name)).toEqual(['check', 'stop', 'start', 'wait'])
        expect(hear(place, Number(PORT))).toContain(`ready ${RELEASE}`)
      }
    } finally {
      place.bash(stop, PORT)
    }
    await until('the service is gone', () => !hear(place, Number(PORT)).includes('ready'), 45_000)
  }, 180_000)
}

describe('the examples', () => {
  it('are scripts that bash reads, that stop at an unset name or a failure, and that say their limit', () => {
    expect(scripts.sort()).toEqual([
      'hello-container/deploy.sh',
      'hello-process/deploy.sh',
      'trials/exits-zero.sh',
      'trials/fails.sh',
      'trials/hangs.sh',
      'trials/talks.sh',
    ])
    for (const name of scripts) {
      execFileSync('bash', ['-n', join(examples, name)])
      expect([name, statSync(join(examples, name)).mode & 0o111]).toEqual([name, 0o111])
      expect(read(name)).toMatch(/^#!\/usr\/bin\/env bash\n(# variables: [A-Z ]+\n)?# timeout: \d+\n/)
      if (name.endsWith('deploy.sh')) expect(read(name)).toContain('\nset -euo pipefail\n')
    }
  })
})

describe('hello-process on this machine', () => processExample(openLocalPlace, () => process.execPath))
describeNeeding('vm', 'hello-process on a machine with systemd', () => processExample(openVmPlace, (place) => `${place.scripts}/../node`))

describeNeeding('docker', 'hello-container', () => {
  let place: AgentPlace
  beforeAll(async () => {
    place = await openLocalPlace()
    layOut(place, process.execPath)
    await place.start()
  }, 90_000)
  afterAll(() => place?.remove(), 90_000)

  it('starts a container that gets healthy, and the next deploy replaces it', async () => {
    const desk = openDesk(place)
    const NAME = `hello-${place.kit.dataDir.slice(-6)}`
    const docker = (...args: string[]): string => execFileSync('docker', args, { encoding: 'utf8' }).trim()
    try {
      expect((await desk.approve('hello-container-deploy')).status).toBe(200)
      const ids: string[] = []
      for (const GREETING of ['good morning', 'good evening']) {
        const runId = await desk.begin('hello-container-deploy', { variables: { GREETING, NAME, IMAGE: testImage } })
        const run = await desk.ended(runId, 100_000)
        expect([run.exitCode, (await desk.lines(runId)).at(-1)?.text]).toEqual([0, 'health: healthy'])
        ids.push(docker('inspect', '--format', '{{.Id}}', NAME))
        await until('it speaks', () => docker('logs', NAME).includes(`${GREETING} from `), 45_000)
      }
      expect(new Set(ids).size).toBe(2)
    } finally {
      execFileSync('docker', ['rm', '-f', NAME], { stdio: 'ignore' })
    }
  }, 240_000)

  it('has trials that end as they say', async () => {
    const desk = openDesk(place)
    for (const [scriptId, exitCode] of [
      ['trials-fails', 3],
      ['trials-exits-zero', 0],
    ] as const) {
      await desk.approve(scriptId)
      expect(await desk.ended(await desk.begin(scriptId))).toMatchObject({
        state: 'exited',
        exitCode,
        firstErrorLine: exitCode === 3 ? 4 : null,
      })
    }
  }, 90_000)
})
