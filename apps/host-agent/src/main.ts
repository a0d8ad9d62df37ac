import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type DaemonOptions, startDaemon } from '@console/verb-kit/daemon'
import { verbsOf } from '@console/verbs/all'
import { hostAgentSelf } from '@console/verbs/daemon'
import { createCheckDesk } from './code/check-desk.ts'
import { readConfig } from './config.ts'
import { type HermesDesk, openHermesDesk } from './hermes/hermes-desk.ts'
import { createHostSampler } from './metrics/sample-host.ts'
import { type OllamaDesk, openOllamaDesk } from './ollama/ollama-verbs.ts'
import { openRunFolder } from './runs/run-record.ts'
import { type RunRows, recordRuns } from './runs/run-rows.ts'
import { openWaitingValues } from './runs/seal-values.ts'
import { chooseContainment } from './runs/start-child.ts'
import { type Supervisor, startSupervisor } from './runs/supervisor.ts'
import { openScriptBook } from './scripts/script-book.ts'
import { agentVerbs } from './verbs/agent-verbs.ts'
import { openVmCleanup, type VmCleanup } from './vm/cleanup/cleanup-verbs.ts'
import { knownScripts } from './vm/known-scripts.ts'

/** Who asks within this time gets the same look at the machine: many at once cost as much as one. */
const sharedMs = 1_000
/** The scripts of the VM come with the agent and lie beside it. */
const vmFolder = join(import.meta.dirname, '../../../vm')
const write = (line: string): void => void process.stdout.write(line)
const log = (level: 'info' | 'warn' | 'error', msg: string, more: object = {}): void =>
  write(`${JSON.stringify({ time: new Date().toISOString(), level, name: 'host-agent', msg, ...more })}\n`)

try {
  const config = readConfig(process.env, { uid: process.getuid?.() ?? -1 })
  mkdirSync(config.dir, { recursive: true, mode: 0o700 })
  const now = (): Date => new Date()
  let supervisor: Supervisor | undefined
  let rows: RunRows | undefined
  let ollama: OllamaDesk | undefined
  let vmCleanup: VmCleanup | undefined
  let hermes: HermesDesk | undefined
  const daemon = await startDaemon({
    ...config,
    name: 'host-agent',
    version: '1',
    verbs: verbsOf('host-agent'),
    self: hostAgentSelf,
    write,
    handlersWith: (journal) => {
      const scripts = openScriptBook({
        dir: config.dir,
        roots: config.scriptRoots,
        uid: config.uid,
        rootAllowed: !config.production,
        now,
        edited: ({ scriptId, approval }) =>
          record(journal, {
            action: 'scripts.edit',
            target: scriptId,
            outcome: 'done',
            details: approval ? { sha256: approval.sha256, user: approval.user, approvedBy: approval.approvedBy } : { removed: true },
          }),
      })
      const files = openRunFolder(config.dir)
      rows = recordRuns({ journal, folderOf: files.folderOf, known: files.load(), log })
      const containment = chooseContainment(config.uid)
      const checks = createCheckDesk({ ...config.code, uid: config.uid, inUnits: containment.kind === 'unit' })
      const values = openWaitingValues(join(config.dir, 'key.pem'))
      supervisor = startSupervisor({
        dir: config.dir,
        scripts,
        checks,
        containment,
        values,
        uid: config.uid,
        graceMs: config.graceMs,
        now,
        log,
        begun: rows.begun,
        ended: rows.ended,
      })
      ollama = openOllamaDesk({ ...config.ollama, dir: config.dir, journal, log })
      const sampler = createHostSampler({ root: config.hostRoot, sharedMs })
      const vm = { folder: vmFolder, known: knownScripts, dir: config.dir, inUnit: containment.kind === 'unit' }
      vmCleanup = openVmCleanup({
        ...{ scripts: vm, root: config.hostRoot, uid: config.uid, graceMs: config.graceMs },
        ...{ containment, values, journal, log, now },
      })
      hermes = openHermesDesk({ instances: config.hermes, uid: config.uid, hostRoot: config.hostRoot, now })
      return agentVerbs({ scripts, supervisor, config, sampler, vm, ollama, vmCleanup, hermes, checks, log })
    },
  })
  const stop = async (): Promise<void> => {
    supervisor?.stop()
    hermes?.stop()
    await ollama?.stop()
    await rows?.stop()
    await vmCleanup?.stop()
    await daemon.stop()
    process.exit(0)
  }
  process.once('SIGTERM', () => void stop())
  process.once('SIGINT', () => void stop())
} catch (error) {
  log('error', (error as Error).message)
  process.exit(1)
}

type Journal = Parameters<DaemonOptions['handlersWith']>[0]
type OwnRow = Pick<Parameters<Journal['append']>[0], 'action' | 'target' | 'outcome' | 'details'> & { readonly code?: string }

/** What the agent does or sees by itself, with nobody asking at that moment. */
function record(journal: Journal, row: OwnRow): void {
  journal
    .append({ ...row, actor: { kind: 'service', id: 'system:host-agent' }, requestId: row.target })
    .catch((error: unknown) => log('error', `${row.action} could not be recorded`, { of: row.target, error: String(error) }))
}
