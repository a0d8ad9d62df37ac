'use client'
import { Button } from '@console/ui/button.tsx'
import { Dialog } from '@console/ui/dialog.tsx'
import { type NavGroup, pagesOf } from './navigation.ts'

const everywhere = [
  ['Ctrl K', 'search and run'],
  ['/', 'search in the page'],
  ['?', 'this map'],
  ['T', 'switch theme'],
  ['Y', 'copy a link to this view'],
  ['Esc', 'clear, close'],
] as const
const lists = [
  ['J', 'next row'],
  ['K', 'row before'],
  ['Enter', 'open the row'],
] as const
const charts = [
  ['+', 'zoom in'],
  ['-', 'zoom out'],
  ['[', 'earlier'],
  [']', 'later'],
  ['0', 'show all'],
] as const
const logs = [
  ['E', 'first error'],
  ['N', 'next match'],
  ['⇧ N', 'match before'],
  ['F', 'follow, or stop'],
  ['G G', 'top'],
  ['⇧ G', 'end'],
] as const

/** The map of the keys. Single keys work outside fields only. */
export function KeyMap({ groups, onClose }: { readonly groups: readonly NavGroup[]; readonly onClose: () => void }) {
  const pages = pagesOf(groups).flatMap(({ key, label }) => (key ? [[`G ${key.toUpperCase()}`, label] as const] : []))
  return (
    <Dialog
      open
      onClose={onClose}
      wide
      title="Keys"
      sub="Single keys work outside fields."
      footer={
        <span className="push">
          <Button onClick={onClose}>Close</Button>
        </span>
      }
    >
      <div className="keymap">
        <Section title="Everywhere" rows={everywhere} />
        <Section title="Pages" rows={pages} />
        <Section title="Lists" rows={lists} />
        <Section title="Charts" rows={charts} />
        <Section title="Logs" rows={logs} />
      </div>
    </Dialog>
  )
}

function Section({ title, rows }: { readonly title: string; readonly rows: readonly (readonly [string, string])[] }) {
  return (
    <section>
      <h3 className="label">{title}</h3>
      <dl className="kv">
        {rows.map(([keys, what]) => (
          <div key={keys}>
            <dt>
              <Keys keys={keys} />
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}

/** Keys that are pressed one after the other, or together. */
export function Keys({ keys }: { readonly keys: string }) {
  return (
    <span className="keys">
      {keys.split(' ').map((one, at) => (
        <kbd key={`${one} ${at}`}>{one}</kbd>
      ))}
    </span>
  )
}
