'use client'
import type { Backup, BackupsState } from '@console/contracts/backups/schemas'
import { cleanLogText } from '@console/log-text/clean-log-text'
import { Button } from '@console/ui/button.tsx'
import { formatBytes, formatDay, formatInstant } from '@console/ui/format.ts'
import { saveBlob } from '@console/ui/save-blob.ts'
import { Blank } from '@console/ui/states.tsx'
import { Status, type StatusKind } from '@console/ui/status.tsx'
import { useToast } from '@console/ui/toast.tsx'
import { useRowKeys } from '@console/ui/use-row-keys.ts'
import { useRef, useState } from 'react'
import type { Backups } from './backup-actions.ts'
import { CarefulDialog } from './careful-dialog.tsx'
import { useConsole } from './console-provider.tsx'
import { useDo, useWhyNot } from './use-action.ts'
import { useCareful } from './use-careful.ts'

type Props = {
  readonly state: BackupsState
  readonly backups: Backups
  /** Why nothing can be begun now. */
  readonly busy: string | null
  readonly onRestore: (backup: Backup) => void
}

/** Backups, newest first. */
export function BackupsTable({ state, backups, busy, onRestore }: Props) {
  const box = useRef<HTMLDivElement>(null)
  useRowKeys(box)
  if (state.items.length === 0)
    return (
      <Blank title="There is no backup yet">
        Make one now, and have the host’s clock make one each night. The guide to deployment says how.
      </Blank>
    )
  return (
    <div ref={box}>
      <table className="tbl stk">
        <caption className="vh">Backups, newest first</caption>
        <thead>
          <tr>
            <th>State</th>
            <th>Made, UTC</th>
            <th className="num">Size</th>
            <th className="num m1">Objects</th>
            <th className="m1">Key</th>
            <th>Who and why</th>
            <th>
              <span className="vh">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {state.items.map((backup) => (
            <Row key={backup.id} backup={backup} backups={backups} busy={busy} onRestore={onRestore} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Row({ backup, backups, busy, onRestore }: Omit<Props, 'state'> & { readonly backup: Backup }) {
  const { madeAt, sizeBytes, documents, lock, by, why, hosted, keptFor, problem } = backup
  const [kind, word] = stateOf(backup)
  return (
    <tr data-row>
      <td className="t2">
        <Status kind={kind}>{word}</Status>
      </td>
      <td className="t1 nowrap" title={formatInstant(madeAt)}>
        {formatDay(madeAt)} {madeAt.slice(11, 16)}
      </td>
      <td className="num c2" data-l="Size">
        {sizeBytes === null ? '–' : formatBytes(sizeBytes)}
      </td>
      <td className="num c2 m1" data-l="Objects">
        {documents === null ? '–' : documents.toLocaleString('en-US')}
      </td>
      <td className="mono small c2 m1" data-l="Key" title={lock?.keyId}>
        {lock === null ? '–' : lock.by === 'passphrase' ? 'passphrase' : lock.keyId.slice(0, 8)}
      </td>
      <td className="c2 brk" data-l="Who and why">
        {cleanLogText(by.name ?? by.id)}
        {why !== null && `: ${cleanLogText(why)}`}
        {keptFor !== null && keptFor !== 'newest' && <span className="c3">, first of its {keptFor}</span>}
        {hosted && (
          <span className="c3">
            , read from {hosted.readFrom.slice(11, 19)} to {hosted.readTo.slice(11, 19)}
          </span>
        )}
        {(problem ?? backup.check?.problem) && <span className="is-bad fg"> {problem ?? backup.check?.problem}</span>}
      </td>
      <td className="act">{backup.state === 'made' && <Deeds backup={backup} backups={backups} busy={busy} onRestore={onRestore} />}</td>
    </tr>
  )
}

function stateOf({ state, check, opens, current }: Backup): readonly [StatusKind, string] {
  if (state === 'making') return ['running', 'being made']
  if (state === 'failed') return ['bad', 'failed']
  if (state === 'gone') return ['unknown', 'file is gone']
  if (!opens) return ['bad', 'key is missing']
  if (check?.state === 'failed') return ['bad', 'drill failed']
  if (!current) return ['warn', check ? 'verified, older key' : 'older key']
  return check ? ['ok', 'verified'] : ['unknown', 'not verified']
}

function Deeds({ backup, backups, busy, onRestore }: Omit<Props, 'state'> & { readonly backup: Backup }) {
  const { id } = backup
  const { client } = useConsole()
  const whyNot = useWhyNot()
  const toast = useToast()
  const verify = useDo(backups.verifyBackup, { changes: [backups.listBackups] })
  const [asked, setAsked] = useState(false)
  const saving = useCareful(() => client.download(backups.downloadBackup, { params: { id }, activity: true }), [])
  const save = (file: Blob): void => {
    saveBlob(file, `${id}.backup`)
    setAsked(false)
  }
  const download = async (): Promise<void> => {
    const done = await saving.run()
    if (done) save(done.result)
    else setAsked(true)
  }
  const when = `${formatDay(backup.madeAt)} ${backup.madeAt.slice(11, 16)}`
  const locked = backup.opens ? null : 'No key that is set here opens it'
  return (
    <>
      {backup.check === null && (
        <Button
          small
          aria-label={`Verify ${when}`}
          busy={verify.isPending}
          disabledReason={whyNot(backups.verifyBackup) ?? locked ?? busy}
          reasonHidden
          onClick={() =>
            verify.mutate(
              { params: { id } },
              { onError: (error) => toast({ kind: 'bad', title: 'The drill was not begun', text: error.message }) },
            )
          }
        >
          Verify
        </Button>
      )}{' '}
      <Button
        small
        aria-label={`Download ${when}, recorded`}
        busy={saving.busy && !asked}
        disabledReason={whyNot(backups.downloadBackup)}
        reasonHidden
        onClick={() => void download()}
      >
        Download
      </Button>{' '}
      <Button
        small
        aria-label={`Restore ${when}`}
        disabledReason={whyNot(backups.runRestore) ?? locked ?? busy}
        reasonHidden
        onClick={() => onRestore(backup)}
      >
        Restore…
      </Button>
      {asked && (
        <CarefulDialog
          careful={saving}
          title={`Download the backup of ${when}`}
          sub="It holds everything that the service keeps, encrypted. That it was downloaded is recorded."
          button="Download"
          trouble={saving.needsFactor ? saving.factor.trouble : null}
          onClose={() => setAsked(false)}
          onDone={save}
        />
      )}
    </>
  )
}
