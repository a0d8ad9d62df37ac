import type { HermesInstance } from '@console/contracts/hermes/schemas'
import { formatBytes, formatDuration } from '@console/ui/format.ts'
import { Facts, Panel } from '@console/ui/panel.tsx'
import { Status, StatusChip } from '@console/ui/status.tsx'
import { Ago, useNow } from '@console/ui/time-text.tsx'
import type { ReactNode } from 'react'
import { healthWords, reasonWords } from './hermes-words.ts'
import { isBackupStale } from './trends.ts'

/** How one agent is, from its unit to its backup. */
export function InstancePanel({ one }: { readonly one: HermesInstance }) {
  const now = useNow()
  const behind = one.health === 'healthy' && isBackupStale(one.backup, now)
  const { kind, word } = behind ? ({ kind: 'warn', word: 'backup behind' } as const) : healthWords[one.health]
  return (
    <Panel title={one.label} label={`account ${one.user}, ${one.unit.scope} unit`} actions={<StatusChip kind={kind}>{word}</StatusChip>}>
      <div className="pad">
        <Facts
          items={[
            ['Unit', <UnitWords key="unit" {...one} />],
            ['Process', <ProcessWords key="process" {...one} />],
            ['Gateway', <GatewayWords key="gateway" {...one} />],
            one.answers === null ? null : ['Answers', one.answers ? <Status kind="ok">yes</Status> : <Status kind="bad">no</Status>],
            ['Disk', <DiskWords key="disk" {...one} />],
            ['Backup', <BackupWords key="backup" {...one} />],
          ]}
        />
      </div>
    </Panel>
  )
}

function Unknown({ children }: { readonly children: ReactNode }) {
  return (
    <>
      <Status kind="unknown">unknown</Status> <span className="c3">{children}</span>
    </>
  )
}

function UnitWords({ unit }: HermesInstance) {
  if (unit.status === 'unknown') return <Unknown>{unit.reason && reasonWords[unit.reason]}</Unknown>
  if (!unit.loaded) return <span className="c3">No unit {unit.name}</span>
  return (
    <>
      <Status kind={unit.active === 'active' ? 'ok' : 'bad'}>{[unit.active, unit.enabled].filter(Boolean).join(', ')}</Status>
      <span className="sub blk">
        {unit.since && (
          <>
            since <Ago at={unit.since} />,{' '}
          </>
        )}
        {unit.restarts ?? 'unknown'} restarts, last exit {unit.lastExit ?? 'unknown'}
      </span>
    </>
  )
}

function ProcessWords({ process, gateway }: HermesInstance) {
  const now = useNow()
  if (!process.alive)
    return gateway.state === 'running' ? (
      <Status kind="bad">gone, though its state file says running</Status>
    ) : (
      <span className="c3">None seen</span>
    )
  const up = process.startedAt === null || now === 0 ? '' : `, up ${formatDuration(now - Date.parse(process.startedAt))}`
  return (
    <>
      pid {process.pid}, {formatBytes(process.memoryBytes ?? 0)}
      {up}
      {process.cpuSec !== null && `, ${formatDuration(process.cpuSec * 1_000)} of CPU`}
    </>
  )
}

function GatewayWords({ gateway, process }: HermesInstance) {
  if (gateway.status === 'unknown') return <Unknown>{gateway.reason && reasonWords[gateway.reason]}</Unknown>
  const platforms = gateway.platforms.map(({ name, state }) => `${name} ${state}`).join(', ')
  if (process.alive) return platforms === '' ? (gateway.state ?? 'no state') : platforms
  return (
    <span className="c3">
      was {gateway.state ?? 'in no state'} {gateway.updatedAt && <Ago at={gateway.updatedAt} />}
    </span>
  )
}

function DiskWords({ disk, growth, reason }: HermesInstance) {
  if (!disk) return <Unknown>{reason && reasonWords[reason]}</Unknown>
  return (
    <>
      {disk.cut && 'at least '}
      {formatBytes(disk.totalBytes)} in its home
      <span className="sub blk">
        {disk.parts
          .slice(0, 3)
          .map(({ name, bytes }) => `${name} ${formatBytes(bytes)}`)
          .join(', ')}
      </span>
      {growth && growth.bytes > 0 && (
        <span className="sub blk">
          {formatBytes(growth.bytes)} more than <Ago at={growth.since} />
        </span>
      )}
    </>
  )
}

function BackupWords({ backup }: HermesInstance) {
  const now = useNow()
  const [newest] = backup.commits
  if (backup.status === 'none') return <span className="c3">Not set up</span>
  if (backup.status === 'unknown' || !newest) return <Unknown>{backup.reason && reasonWords[backup.reason]}</Unknown>
  return (
    <>
      <span className="mono">{newest.hash.slice(0, 7)}</span>,{' '}
      {isBackupStale(backup, now) ? (
        <Status kind="warn">
          <Ago at={newest.at} />
        </Status>
      ) : (
        <Ago at={newest.at} />
      )}
      ,{' '}
      {backup.changedFiles === null
        ? 'tree unknown'
        : backup.changedFiles === 0
          ? 'clean tree'
          : `${backup.changedFiles} files uncommitted`}
      {(backup.ahead ?? 0) > 0 && `, ${backup.ahead} not pushed`}
    </>
  )
}
