'use client'
import { listAuditRows } from '@console/contracts/audit/actions'
import type { ActorRef } from '@console/contracts/shapes'
import { Button } from '@console/ui/button.tsx'
import { CopyButton } from '@console/ui/copy-button.tsx'
import { Dialog } from '@console/ui/dialog.tsx'
import { formatBytes, formatDuration, formatInstant } from '@console/ui/format.ts'
import { Facts, Panel } from '@console/ui/panel.tsx'
import { ProgressBar } from '@console/ui/progress-bar.tsx'
import { Blank, LoadingRows, Note } from '@console/ui/states.tsx'
import { Status } from '@console/ui/status.tsx'
import { Ago } from '@console/ui/time-text.tsx'
import Link from 'next/link'
import { type ReactNode, useState } from 'react'
import { Actor } from './actor.tsx'
import { type AnyReceipt, freedBytes, receiptStatus, receiptText, removedCount } from './cleanup-words.ts'
import { type Query, QueryState } from './query-state.tsx'
import { useRead } from './use-action.ts'

/** Who began each cleanup, by the action that carries them out: the daemon knows the id of a person, the audit log the name. */
function useWhoBegan(action: { readonly id: string }): (receipt: AnyReceipt) => ActorRef {
  const rows = useRead(listAuditRows, { query: { action: action.id, limit: '100' } })
  const known = new Map((rows.data?.items ?? []).map(({ actor }) => [actor.id, actor]))
  return ({ by }) => known.get(by) ?? { kind: 'person', id: by, name: null }
}

/** As many as are looked at without being asked for. */
const shownFirst = 5

type PanelProps<R extends AnyReceipt> = {
  readonly query: Query & { readonly data: { readonly items: readonly R[] } | undefined }
  readonly action: { readonly id: string }
  /** What was cleaned up, in a word or two. */
  readonly whatOf: (receipt: R) => string
  readonly onOpen: (digest: string) => void
}

/** What came of each cleanup, the newest first. */
export function CleanupReceipts<R extends AnyReceipt>({ query, action, whatOf, onOpen }: PanelProps<R>) {
  const whoBegan = useWhoBegan(action)
  const items = query.data?.items ?? []
  const [all, setAll] = useState(false)
  const rest = items.length - shownFirst
  return (
    <Panel
      title="Receipts"
      actions={
        rest > 0 && (
          <button type="button" className="link" aria-expanded={all} onClick={() => setAll(!all)}>
            {all ? `Newest ${shownFirst}` : `All ${items.length}`}
          </button>
        )
      }
    >
      {!query.isPending && <QueryState query={query} what="Receipts" />}
      {query.data && items.length === 0 && (
        <Blank title="Nothing was cleaned up yet">What a cleanup removed, and what it kept, stands here afterwards.</Blank>
      )}
      {(query.isPending || items.length > 0) && (
        <table className="tbl stk" aria-busy={query.isPending}>
          <caption className="vh">Receipts</caption>
          <thead>
            <tr>
              <th>When</th>
              <th>What</th>
              <th>By</th>
              <th>Result</th>
              <th className="num">Freed</th>
            </tr>
          </thead>
          <tbody>
            {query.isPending && <LoadingRows columns={5} />}
            {(all ? items : items.slice(0, shownFirst)).map((receipt) => (
              <Row
                key={receipt.digest}
                receipt={receipt}
                what={whatOf(receipt)}
                actor={whoBegan(receipt)}
                onOpen={() => onOpen(receipt.digest)}
              />
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  )
}

type RowProps = { readonly receipt: AnyReceipt; readonly what: string; readonly actor: ActorRef; readonly onOpen: () => void }

function Row({ receipt, what, actor, onOpen }: RowProps) {
  const { kind, text } = receiptStatus(receipt)
  return (
    <tr data-row>
      <td className="c2" data-l="When">
        <Ago at={receipt.startedAt} />
      </td>
      <td className="t1">
        <button type="button" className="link" onClick={onOpen}>
          {what}
        </button>
      </td>
      <td className="c2" data-l="By">
        <Actor actor={actor} />
      </td>
      <td className="t2">
        <Status kind={kind}>{text}</Status>
      </td>
      <td className="num" data-l="Freed">
        {formatBytes(freedBytes(receipt))}
      </td>
    </tr>
  )
}

type Strip = { readonly receipt: AnyReceipt; readonly onOpen: () => void }

/** A cleanup under way, of whoever began it, and the way to it. */
export function CleanupUnderWay({ receipt: { reached, planned }, onOpen }: Strip) {
  return (
    <section className="panel is-live" aria-label="Cleanup under way">
      <div className="pad row">
        <span className="grow">
          A cleanup is under way: {reached} of {planned} objects looked at
          <span className="fg">
            <ProgressBar ratio={planned === 0 ? 0 : reached / planned} label={`${reached} of ${planned}`} />
          </span>
        </span>
        <Button onClick={onOpen}>Look at it</Button>
      </div>
    </section>
  )
}

type DialogProps = {
  readonly receipt: AnyReceipt
  readonly action: { readonly id: string }
  /** The kinds in their order, with their titles. */
  readonly kinds: readonly { readonly kind: string; readonly title: string }[]
  /** What did not simply go, one each; not all where there are many. */
  readonly exceptions: readonly { readonly key: string; readonly name: string; readonly words: string }[]
  /** Why it ended early. */
  readonly whyEnded: string
  readonly manner: string
  readonly auditHref: string
  readonly onClose: () => void
}

/** The plan beside what came of it: while it goes on its progress, afterwards what was removed, what was not and why. */
export function CleanupReceiptDialog({ receipt, action, kinds, exceptions, whyEnded, manner, auditHref, onClose }: DialogProps) {
  const who = useWhoBegan(action)(receipt)
  const { state, planned, reached, startedAt, endedAt, reason, digest, exceptionCount } = receipt
  const running = state === 'running'
  const title = running
    ? `Deleting: ${reached} of ${planned} objects looked at`
    : `${removedCount(receipt)} of ${planned} ${planned === 1 ? 'object' : 'objects'} deleted, ${formatBytes(freedBytes(receipt))} freed`
  const sums: (readonly [string, ReactNode])[] = kinds.flatMap(({ kind, title: name }) => {
    const sum = receipt.kinds.find((one) => one.kind === kind)
    return sum ? [[name, `${sum.removed} of ${sum.planned}, ${formatBytes(sum.freedBytes)}`] as const] : []
  })
  return (
    <Dialog
      open
      onClose={onClose}
      title={title}
      sub={running ? 'It goes on when this is closed.' : `Ended ${endedAt ? formatInstant(endedAt) : ''}`}
      footer={
        <>
          {!running && (
            <CopyButton
              label="Copy receipt"
              what="The receipt"
              text={receiptText({ receipt, title, kinds, exceptions, who: who.name ?? who.id, whyEnded })}
            />
          )}
          <span className="push">
            <Button look="ink" onClick={onClose}>
              {running ? 'Close' : 'Done'}
            </Button>
          </span>
        </>
      }
    >
      {running && (
        <div className="is-live fg" role="status">
          <ProgressBar ratio={planned === 0 ? 0 : reached / planned} label={`${reached} of ${planned} objects looked at`} />
        </div>
      )}
      {!running && state !== 'done' && (
        <Note kind="bad" title={`The cleanup ended early. ${whyEnded}`}>
          What was not reached is still there. Plan again when it is put right.
        </Note>
      )}
      {exceptions.length > 0 && (
        <section className="objs" aria-label="What did not simply go">
          <ul className="scroll exc" tabIndex={0}>
            {exceptions.map(({ key, name, words }) => (
              <li key={key} className="small">
                <span className="mono brk">{name}</span> <span className="c2">{words}</span>
              </li>
            ))}
            {exceptionCount > exceptions.length && <li className="small c3">and {exceptionCount - exceptions.length} more</li>}
          </ul>
        </section>
      )}
      <Facts
        boxed
        items={[
          ...sums,
          endedAt ? ['Took', `${formatDuration(Date.parse(endedAt) - Date.parse(startedAt))}, ${manner}`] : null,
          ['By', <Actor key="by" actor={who} />],
          reason === null ? null : ['Reason', reason],
          [
            'Audit',
            <span key="audit">
              <Link className="link" href={auditHref}>
                Rows of this cleanup
              </Link>
              , plan <span className="mono">{digest.slice(0, 8)}</span>
            </span>,
          ],
        ]}
      />
    </Dialog>
  )
}
