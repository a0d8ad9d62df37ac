'use client'
import { Dialog } from '@base-ui/react/dialog'
import { Lock, Search } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react'
import { Keys } from './key-map.tsx'
import type { PaletteEntry } from './navigation.ts'
import { findEntries, wordsOf } from './palette-search.ts'

/** Search and run: pages, services, runs, containers and actions, by typing. The focus stays in the field, which names the chosen row. */
export function Palette({
  entries,
  onClose,
  onHelp,
}: {
  readonly entries: readonly PaletteEntry[]
  readonly onClose: () => void
  readonly onHelp: () => void
}) {
  const router = useRouter()
  const [query, setQuery] = useState('')
  const [at, setAt] = useState(0)
  const field = useRef<HTMLInputElement>(null)
  const found = useMemo(() => findEntries(entries, query), [entries, query])
  const choose = (entry: PaletteEntry | undefined): void => {
    if (!entry || entry.disabledReason) return
    onClose()
    if (entry.href) router.push(entry.href)
    entry.run?.()
  }
  const onKey = (event: KeyboardEvent): void => {
    if (event.key === 'ArrowDown') setAt(found.length === 0 ? 0 : (at + 1) % found.length)
    else if (event.key === 'ArrowUp') setAt(found.length === 0 ? 0 : (at - 1 + found.length) % found.length)
    else if (event.key === 'Enter') choose(found[at])
    else if (event.key === '?' && query === '') onHelp()
    else return
    event.preventDefault()
  }
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="backdrop" />
        <div className="popup pal">
          <Dialog.Popup className="dlg palette" initialFocus={field}>
            <Dialog.Title className="vh">Search and run</Dialog.Title>
            <div className="pin">
              <Search className="ic" aria-hidden="true" />
              <input
                ref={field}
                className="inp0"
                role="combobox"
                aria-expanded="true"
                aria-controls="palette-list"
                aria-activedescendant={found[at] ? `palette-${at}` : undefined}
                aria-label="Search pages, services, containers and actions"
                placeholder="Pages, services, containers, actions"
                value={query}
                onChange={(event) => {
                  setQuery(event.target.value)
                  setAt(0)
                }}
                onKeyDown={onKey}
              />
              <kbd aria-hidden="true">Esc</kbd>
            </div>
            <Results found={found} at={at} words={wordsOf(query).words} onChoose={choose} />
            <Foot />
          </Dialog.Popup>
        </div>
      </Dialog.Portal>
    </Dialog.Root>
  )
}

function Results({
  found,
  at,
  words,
  onChoose,
}: {
  readonly found: readonly PaletteEntry[]
  readonly at: number
  readonly words: string
  readonly onChoose: (entry: PaletteEntry) => void
}) {
  const list = useRef<HTMLDivElement>(null)
  useEffect(() => {
    // Newer browsers answer a promise here, which is no way to end an effect.
    void list.current?.querySelector(`#palette-${at}`)?.scrollIntoView({ block: 'nearest' })
  }, [at])
  const groups = [...new Set(found.map(({ group }) => group))]
  return (
    <div ref={list} className="plist" id="palette-list" role="listbox" aria-label="Results">
      {groups.map((group) => (
        <div key={group} role="group" aria-label={group}>
          <p className="pg" aria-hidden="true">
            {group}
          </p>
          {found.map((entry, index) =>
            entry.group === group ? (
              // biome-ignore lint/a11y/useKeyWithClickEvents: the field above has the keys
              // biome-ignore lint/a11y/useFocusableInteractive: focus stays in the field, which names the active option
              <div
                key={`${entry.label} ${entry.href ?? ''}`}
                id={`palette-${index}`}
                role="option"
                aria-selected={index === at}
                aria-disabled={entry.disabledReason ? true : undefined}
                className={`pi ${index === at ? 'on' : ''}`}
                onClick={() => onChoose(entry)}
              >
                {entry.icon}
                <span className="cut">
                  <Found label={entry.label} words={words} /> {entry.detail && <span className="c3">{entry.detail}</span>}
                </span>
                <span className="push row small c3">
                  {entry.disabledReason && <Lock className="ic s" aria-hidden="true" />}
                  {entry.disabledReason ?? (index === at ? <kbd aria-hidden="true">Enter</kbd> : entry.keys && <Keys keys={entry.keys} />)}
                </span>
              </div>
            ) : null,
          )}
        </div>
      ))}
      {found.length === 0 && <p className="pg">Nothing matches.</p>}
    </div>
  )
}

function Found({ label, words }: { readonly label: string; readonly words: string }) {
  const at = words === '' ? -1 : label.toLowerCase().indexOf(words)
  if (at < 0) return label
  return (
    <>
      {label.slice(0, at)}
      <b>{label.slice(at, at + words.length)}</b>
      {label.slice(at + words.length)}
    </>
  )
}

function Foot() {
  return (
    <div className="df small c3 not-s">
      <kbd>↑</kbd> <kbd>↓</kbd> move <kbd>Enter</kbd> open
      <span className="push">
        <kbd>&gt;</kbd> actions only <kbd>#</kbd> runs <kbd>?</kbd> keys
      </span>
    </div>
  )
}
