'use client'
import { formatAgo, formatClock, formatInstant } from '@console/ui/format.ts'
import { Panel } from '@console/ui/panel.tsx'
import { Glyph, toneOf } from '@console/ui/status.tsx'
import { useNow } from '@console/ui/time-text.tsx'
import { CornerDownRight } from 'lucide-react'
import Link from 'next/link'
import type { ReactNode } from 'react'
import { paths } from '../../lib/paths.ts'
import type { Item } from './attention-items.ts'

const ranks = ['Broken now', 'Breaks soon', 'Look at it today'] as const

/** What needs somebody in three ranks, or that nothing does. `state` stands above while health is loading or stale. */
export function AttentionPanel({
  items,
  known,
  state,
}: {
  readonly items: readonly Item[]
  readonly known: boolean
  readonly state: ReactNode
}) {
  return (
    <Panel
      className="att"
      title="Needs attention"
      label="ranked by what it breaks, then by how long"
      actions={
        <Link className="link small" href={paths.health}>
          All incidents
        </Link>
      }
    >
      {state}
      {known && items.length === 0 && (
        <div className="calm is-ok">
          <span className="fg">
            <Glyph kind="ok" size="l" />
          </span>
          <div>
            <h2>All quiet</h2>
            <p className="c2">
              Every service that is measured is up, no deployment failed at its last run, and every part of the console answers.
            </p>
          </div>
        </div>
      )}
      {ranks.map((name, rank) => (
        <Ranked key={name} name={name} items={items.filter((item) => item.rank === rank)} />
      ))}
    </Panel>
  )
}

function Ranked({ name, items }: { readonly name: string; readonly items: readonly Item[] }) {
  if (items.length === 0) return null
  return (
    <>
      <h3>
        <b>{name}</b> {items.length}
      </h3>
      <ol>
        {items.map((item) => (
          <Attention key={item.key} item={item} />
        ))}
      </ol>
    </>
  )
}

function Attention({ item: { kind, name, says, why, mono, afterRun, since, link } }: { readonly item: Item }) {
  const now = useNow()
  return (
    <li className={toneOf(kind)}>
      <span className="fg">
        <Glyph kind={kind} size="l" />
      </span>
      <div className="grow">
        <p className="ttl">
          <b>{name}</b> <span>{says}</span>
        </p>
        <p className={`why2 ${mono ? 'mono' : ''}`}>{why}</p>
        {afterRun && (
          <p className="cause">
            <CornerDownRight className="ic s" aria-hidden="true" />
            <span>Began {afterRun.secondsBefore} s after</span>
            <Link className="link" href={paths.deployment(afterRun.id)}>
              deploy #{afterRun.number}
            </Link>
          </p>
        )}
      </div>
      <p className="since">
        {since !== null && now !== 0 && (
          <time dateTime={since} title={formatInstant(since)}>
            {formatAgo(since, now).replace(' ago', '')}
            <small>
              since {now - Date.parse(since) < 86_400_000 ? formatClock(since, false).slice(0, 5) : formatInstant(since).slice(5, 16)}
            </small>
          </time>
        )}
      </p>
      <Link className="btn s" href={link.href}>
        {link.label}
        <span className="vh">, {name}</span>
      </Link>
    </li>
  )
}
