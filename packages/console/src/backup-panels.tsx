'use client'
import type { BackupsState } from '@console/contracts/backups/schemas'
import { Button } from '@console/ui/button.tsx'
import { TextField } from '@console/ui/field.tsx'
import { formatDay, formatDuration } from '@console/ui/format.ts'
import { Facts, Panel } from '@console/ui/panel.tsx'
import { Note } from '@console/ui/states.tsx'
import { Status } from '@console/ui/status.tsx'
import { Ago } from '@console/ui/time-text.tsx'
import { useToast } from '@console/ui/toast.tsx'
import { Play } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import type { Backups } from './backup-actions.ts'
import { useDo, useWhyNot } from './use-action.ts'

type Props = { readonly state: BackupsState; readonly backups: Backups }
const short = (keyId: string): string => (keyId === 'passphrase' ? 'a passphrase' : keyId.slice(0, 8))
const counted = (count: number): string => `${count} ${count === 1 ? 'backup' : 'backups'}`

/** Which key opens the backups, and whether a copy of it lies elsewhere. */
export function BackupKey({ state, backups }: Props) {
  const { lock, file, confirmed, older, backups: count } = state.key
  const confirm = useDo(backups.confirmBackupKey, { changes: [backups.listBackups] })
  const denied = useWhyNot()(backups.confirmBackupKey)
  const open = lock.by === 'key' && confirmed === null
  return (
    <Panel
      title="Key"
      actions={open && <Status kind="warn">copy unconfirmed</Status>}
      footer={
        open && (
          <Button
            small
            busy={confirm.isPending}
            disabledReason={denied}
            reasonHidden
            onClick={() => confirm.mutate({ body: { keyId: lock.keyId } })}
          >
            I have copied {short(lock.keyId)} elsewhere
          </Button>
        )
      }
    >
      <div className="pad stack m">
        {open && (
          <Note kind="warn" title={`Nobody has confirmed a copy of key ${short(lock.keyId)}.`}>
            Without it no backup can be opened, by anyone. Copy <span className="mono brk">{file === null ? 'ENCRYPTION_KEY' : file}</span>{' '}
            to a place that outlives this host.
          </Note>
        )}
        {confirm.error && <Note kind="bad" role="alert" title={confirm.error.message} />}
        <Facts
          items={[
            ['In use', lock.by === 'passphrase' ? `BACKUP_PASSPHRASE, ${counted(count)}` : `${short(lock.keyId)}, ${counted(count)}`],
            older.length === 0
              ? null
              : [
                  'Before',
                  older
                    .map((one) => `${short(one.keyId)}, needed by ${counted(one.backups)}${one.opens ? '' : ', not set here'}`)
                    .join('; '),
                ],
            confirmed ? ['Copy', `confirmed by ${confirmed.by.name ?? confirmed.by.id}, ${formatDay(confirmed.at)}`] : null,
          ]}
        />
      </div>
    </Panel>
  )
}

/** When a restore was last tried, and how old that may become. */
export function BackupDrill({ state, backups, busy }: Props & { readonly busy: string | null }) {
  const { drill, drillLate, rules, items } = state
  const verify = useDo(backups.verifyBackup, { changes: [backups.listBackups] })
  const denied = useWhyNot()(backups.verifyBackup)
  const newest = items.find((one) => one.state === 'made' && one.opens)
  const check = drill?.check
  return (
    <Panel
      title="Restore drill"
      actions={
        drillLate ? (
          <Status kind="warn">{check ? <Ago at={check.at} /> : 'never'}</Status>
        ) : (
          check && (
            <Status kind={check.state === 'passed' ? 'ok' : 'bad'}>
              {check.state} <Ago at={check.at} />
            </Status>
          )
        )
      }
      footer={
        <Button
          small
          icon={<Play className="ic s" aria-hidden="true" />}
          busy={verify.isPending}
          disabledReason={denied ?? busy ?? (newest ? null : 'There is no backup that opens')}
          reasonHidden
          onClick={() => newest && verify.mutate({ params: { id: newest.id } })}
        >
          Run drill
        </Button>
      }
    >
      <div className="pad stack m">
        <p className="c2">
          Restores the newest backup into an empty store beside the living one, exports that again, compares the two, and removes it.
          Changes nothing.
        </p>
        {verify.error && <Note kind="bad" role="alert" title={verify.error.message} />}
        {check?.problem && <Note kind="bad" title={check.problem} />}
        <Facts
          items={[
            [
              'Last',
              check
                ? `${formatDay(check.at)}, ${check.state} in ${formatDuration(Math.max(1_000, check.tookMs))}, ${check.by.name ?? check.by.id}`
                : 'never',
            ],
            ['Wanted', `every ${rules.drillDays} d`],
          ]}
        />
      </div>
    </Panel>
  )
}

const fields = [
  ['keep', 'Backups kept', '2 to 1,000, the newest'],
  ['nights', 'Nights', '0 to 366, the first backup of each day in UTC'],
  ['weeks', 'Weeks', '0 to 520, the first backup of each'],
  ['months', 'Months', '0 to 120, the first backup of each'],
  ['drillDays', 'Days between drills', '1 to 365'],
] as const

/** How many stay, and how often a restore is to be tried. */
export function BackupRulesPanel({ state, backups }: Props) {
  const update = useDo(backups.updateBackupRules, { changes: [backups.listBackups] })
  const denied = useWhyNot()(backups.updateBackupRules)
  const toast = useToast()
  const { keep, nights, weeks, months, drillDays } = state.rules
  const [typed, setTyped] = useState({
    keep: String(keep),
    nights: String(nights),
    weeks: String(weeks),
    months: String(months),
    drillDays: String(drillDays),
  })
  const changed = fields.some(([field]) => typed[field] !== String(state.rules[field]))
  const save = (event: FormEvent): void => {
    event.preventDefault()
    if (denied || !changed || update.isPending) return
    const body = {
      keep: Number(typed.keep),
      nights: Number(typed.nights),
      weeks: Number(typed.weeks),
      months: Number(typed.months),
      drillDays: Number(typed.drillDays),
    }
    update.mutate({ body }, { onSuccess: () => toast({ kind: 'ok', title: 'Saved' }) })
  }
  return (
    <Panel title="Rules">
      <form onSubmit={save}>
        <div className="pad stack m">
          {fields.map(([field, label, hint]) => (
            <TextField
              key={field}
              label={label}
              hint={hint}
              inputMode="numeric"
              value={typed[field]}
              readOnly={denied !== null}
              error={update.error?.fields.find((one) => one.field === `body.${field}`)?.message}
              onChange={(event) => setTyped({ ...typed, [field]: event.target.value })}
            />
          ))}
        </div>
        <footer>
          <Button
            small
            type="submit"
            busy={update.isPending}
            disabledReason={denied ?? (changed ? null : 'Change a figure first')}
            reasonHidden
          >
            Save
          </Button>
        </footer>
      </form>
    </Panel>
  )
}
