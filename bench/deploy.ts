/**
 * How large are the images, what does a deployed console take when nobody looks, and how long does `deploy.sh` need? `node bench/deploy.ts`, as root
 * Wants an engine with the base images, compose and buildx; what the builder has kept of earlier builds it uses. The aims stand by themselves.
 * The upgrade replaces every part and the gateway, whose image it knows by another name. Each part is asked through the gateway, so that it is away while that is.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { type DeployedConsole, type DeployedPart, deployConsole, deployedParts, docker } from '@console/testkit/deployed-console'
import { proportionalMiB } from './measure.ts'
import { type Line, printTable } from './table.ts'
import { createUndo } from './undo.ts'

const base = 'node:24-bookworm-slim'
const settleMs = 30_000
const askEveryMs = 100
const mostMb: Readonly<Record<Exclude<DeployedPart, 'gateway'>, number>> = {
  'platform-service': 20,
  'devops-backend': 20,
  'docker-proxy': 2,
  'devops-web': 5,
  'admin-web': 5,
}
/** What answers so as long as the part is there; docker-proxy is asked by nobody but devops-backend. */
const asked: readonly (readonly [part: DeployedPart, host: string, path: string, status: number])[] = [
  ['platform-service', 'api', '/platform/api/auth/session', 401],
  ['devops-backend', 'api', '/api/devops/parts', 401],
  ['devops-web', 'devops', '/settings.json', 200],
  ['admin-web', 'admin', '/settings.json', 200],
  ['gateway', 'other', '/', 404],
]

const undo = createUndo()
try {
  const began = performance.now()
  const deployed = await deployConsole()
  const firstSec = (performance.now() - began) / 1_000
  // The same image as that of another gateway, so that the upgrade replaces it.
  const gateway = `${deployed.network}/gateway:next`
  undo.add(() => docker('rmi', gateway))
  undo.add(() => deployed.remove())
  docker('tag', docker('inspect', '--format', '{{.Config.Image}}', deployed.nameOf('gateway')), gateway)
  const sizes = Object.entries(mostMb).map(
    ([part, most]): Line => ({
      what: `own layers of ${part}, compressed`,
      ours: ownMb(docker('inspect', '--format', '{{.Image}}', deployed.nameOf(part as DeployedPart))),
      unit: 'MB',
      aim: { of: 'value', most },
    }),
  )
  await pause(settleMs)
  const memory = deployedParts.map((part) => [part, proportionalMiB(processesOf(deployed, part))] as const)
  process.env.TRAEFIK_IMAGE = gateway
  const before = containersOf(deployed)
  const watching = watch(deployed)
  const upgrade = await deployed.deploy('up')
  if (upgrade.status !== 0) throw new Error(upgrade.said)
  const away = await watching.end()
  const kept = deployedParts.filter((part) => containersOf(deployed).get(part) === before.get(part))
  if (kept.length > 0) throw new Error(`The upgrade did not replace ${kept.join(', ')}.`)
  const lines: Line[] = [
    ...sizes,
    {
      what: 'whole stack idle, all processes of all containers, the gateway included',
      ours: memory.reduce((sum, [, mib]) => sum + mib, 0),
      unit: 'MiB',
      aim: { of: 'value', most: 400 },
    },
    { what: 'first deploy.sh, with what the builder had kept', ours: firstSec, unit: 's', aim: { of: 'value', most: 360 } },
    {
      what: 'upgrade that replaces all, its images built again and backed up first',
      ours: upgrade.seconds,
      unit: 's',
      aim: { of: 'value', most: 60 },
    },
    ...away.map(({ part, seconds }): Line => ({ what: `${part} away meanwhile`, ours: seconds, unit: 's', aim: { of: 'value', most: 5 } })),
  ]
  process.exitCode = printTable('A deployed console', '–', lines) > 0 ? 1 : 0
  for (const [part, mib] of memory) console.log(`${part}: ${mib.toFixed(1)} MiB`)
} finally {
  await undo.all()
}

/** All that runs in a part's container, what asks whether it is well included. */
function processesOf(deployed: DeployedConsole, part: DeployedPart): number[] {
  return docker('top', deployed.nameOf(part), '-eo', 'pid').split('\n').slice(1).map(Number)
}

function containersOf(deployed: DeployedConsole): ReadonlyMap<DeployedPart, string> {
  return new Map(deployedParts.map((part) => [part, docker('inspect', '--format', '{{.Id}}', deployed.nameOf(part))]))
}

/** The layers that an image has above its base, each compressed as a registry would. */
function ownMb(image: string): number {
  const layersOf = (name: string): number => (JSON.parse(docker('inspect', '--format', '{{json .RootFS.Layers}}', name)) as string[]).length
  const folder = mkdtempSync(join(tmpdir(), 'bench-image-'))
  try {
    const archive = join(folder, 'image.tar')
    docker('save', '--output', archive, image)
    execFileSync('tar', ['-C', folder, '-xf', archive])
    const [{ Layers: layers } = { Layers: [] }] = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as { Layers: string[] }[]
    return layers.slice(layersOf(base)).reduce((sum, layer) => sum + gzipSync(readFileSync(join(folder, layer))).length / 1e6, 0)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Asks each part again and again. @returns for each the longest time without an answer */
function watch(deployed: DeployedConsole): { end(): Promise<{ part: DeployedPart; seconds: number }[]> } {
  let going = true
  const all = asked.map(async ([part, host, path, status]) => {
    let [last, longest] = [performance.now(), 0]
    while (going) {
      const answered = await Promise.race([deployed.get(host, path).catch(() => null), pause(2_000, null)])
      const now = performance.now()
      if (answered?.status === status) {
        longest = Math.max(longest, now - last)
        last = now
      }
      await pause(askEveryMs)
    }
    return { part, seconds: Math.max(longest, performance.now() - last - askEveryMs) / 1_000 }
  })
  return {
    end: () => {
      going = false
      return Promise.all(all)
    },
  }
}
