import type { PassedOver } from './crontabs.ts'
import type { AskManager, Manager } from './managers.ts'
import { blocksIn, countOf, instantOf, type Shown, textOf, unitsIn } from './read-systemctl.ts'
import { showName } from './show-command.ts'

type Unit = {
  readonly manager: 'system' | 'user'
  readonly account: string
  readonly unit: string
  readonly description: string
  readonly active: string
  readonly sub: string
  readonly enabled: string
  /** Since when it is in this state. */
  readonly since: string | null
  readonly restarts: number | null
  readonly result: string
  readonly exitCode: number | null
  readonly signal: number | null
  readonly endedAt: string | null
  readonly memoryBytes: number | null
}
export type Units = {
  readonly at: string
  readonly units: readonly Unit[]
  readonly passedOver: readonly PassedOver[]
  readonly left: number
}

/** What a host of the console stands on, beside whatever failed. Names that a machine does not have are passed over. */
const watched = [
  'console-host-agent.service',
  'cron.service',
  'crond.service',
  'docker.service',
  'containerd.service',
  'ssh.service',
  'sshd.service',
  'ollama.service',
  'tailscaled.service',
  'systemd-journald.service',
  'systemd-timesyncd.service',
  'chrony.service',
]
const properties = [
  'Id',
  'Description',
  'LoadState',
  'ActiveState',
  'SubState',
  'UnitFileState',
  'StateChangeTimestamp',
  'NRestarts',
  'Result',
  'ExecMainCode',
  'ExecMainStatus',
  'ExecMainExitTimestamp',
  'MemoryCurrent',
]
const listFailed = ['list-units', '--state=failed', '--all', '--full', '--plain', '--no-legend']

export async function listUnits(managers: readonly Manager[], ask: AskManager, now: () => Date): Promise<Units> {
  const all = await Promise.all(managers.map((manager) => unitsOf(manager, ask)))
  return {
    at: now().toISOString(),
    units: all.flatMap(({ units }) => units),
    passedOver: all.flatMap(({ passedOver }) => passedOver),
    left: all.reduce((sum, { left }) => sum + left, 0),
  }
}

async function unitsOf(manager: Manager, ask: AskManager): Promise<Omit<Units, 'at'>> {
  const source = manager.kind === 'system' ? 'systemd' : `systemd of ${manager.account.name}`
  const failed = (why: string) => ({ units: [], passedOver: [{ source, line: null, why: `Its units are not told: ${why}.` }], left: 0 })
  const listed = await ask(manager, listFailed)
  if (!listed.ok) return failed(listed.why)
  const { names, left } = unitsIn(listed.text)
  const wanted = [...new Set([...(manager.kind === 'system' ? watched : []), ...names])]
  if (wanted.length === 0) return { units: [], passedOver: [], left }
  const shown = await ask(manager, ['show', `--property=${properties.join(',')}`, '--', ...wanted])
  if (!shown.ok) return failed(shown.why)
  const units = new Map(
    blocksIn(shown.text)
      .filter(isLoaded)
      .map((block) => [textOf(block, 'Id'), unitOf(manager, block)]),
  )
  return { units: [...units.values()], passedOver: [], left }
}

/** One that failed and whose file is gone since is still told. */
function isLoaded(block: Shown): boolean {
  return textOf(block, 'LoadState') === 'loaded' || textOf(block, 'ActiveState') === 'failed'
}

function unitOf({ kind, account }: Manager, block: Shown): Unit {
  const code = textOf(block, 'ExecMainCode')
  const status = countOf(textOf(block, 'ExecMainStatus'))
  return {
    manager: kind,
    account: account.name,
    unit: showName(textOf(block, 'Id')),
    description: showName(textOf(block, 'Description')),
    active: showName(textOf(block, 'ActiveState'), 40),
    sub: showName(textOf(block, 'SubState'), 40),
    enabled: showName(textOf(block, 'UnitFileState'), 40),
    since: instantOf(textOf(block, 'StateChangeTimestamp')),
    restarts: countOf(textOf(block, 'NRestarts')),
    result: showName(textOf(block, 'Result'), 40),
    exitCode: code === '1' ? status : null,
    signal: code === '2' || code === '3' ? status : null,
    endedAt: instantOf(textOf(block, 'ExecMainExitTimestamp')),
    memoryBytes: countOf(textOf(block, 'MemoryCurrent')),
  }
}
