'use client'
import { Dialog } from '@base-ui/react/dialog'
import { Search } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { type KeyboardEvent, type ReactNode, useMemo, useState } from 'react'
import type { NavGroup } from './shell.tsx'

export type PaletteEntry = {
  readonly group: string
  readonly label: string
  readonly detail?: string
  readonly icon?: ReactNode
  readonly href?: string
  readonly run?: () => void
  readonly disabledReason?: string | null
}
const most = 40

/** Search and run: pages, services, containers and actions, by typing. With `help` it is the map of the keys. */
export function Palette({
  entries,
  help = false,
  groups = [],
  onClose,
}: {
  readonly entries: readonly PaletteEntry[]
  readonly help?: boolean
  readonly groups?: readonly NavGroup[]
  readonly onClose: () => void
}) {
  const router = useRouter()
  const [query, setQuery] = useState('')
  const [at, setAt] = useState(0)
  const found = useMemo(
    () =>
      entries
        .filter(({ label, detail = '' }) => `${label} ${detail}`.toLowerCase().includes(query.replace(/^[>#]\s*/, '').toLowerCase()))
        .slice(0, most),
    [entries, query],
  )
  const choose = (entry: PaletteEntry | undefined): void => {
    if (!entry || entry.disabledReason) return
    onClose()
    if (entry.href) router.push(entry.href)
    entry.run?.()
  }
  const onKey = (event: KeyboardEvent): void => {
    if (event.key === 'ArrowDown') setAt(Math.min(at + 1, found.length - 1))
    else if (event.key === 'ArrowUp') setAt(Math.max(at - 1, 0))
    else if (event.key === 'Enter') choose(found[at])
    else return
    event.preventDefault()
  }
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="backdrop" />
        <div className="popup pal">
          <Dialog.Popup className="dlg palette">
            <Dialog.Title className="vh">{help ? 'Keys' : 'Search and run'}</Dialog.Title>
            {help ? (
              <Keys groups={groups} />
            ) : (
              <>
                <div className="pin">
                  <Search className="ic" aria-hidden="true" />
                  <input
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
                  <kbd>Esc</kbd>
                </div>
                <div className="plist" id="palette-list" role="listbox" aria-label="Results">
                  {found.map((entry, index) => (
                    <div key={`${entry.group} ${entry.label}`}>
                      {found[index - 1]?.group !== entry.group && <p className="pg">{entry.group}</p>}
                      {/* biome-ignore lint/a11y/useKeyWithClickEvents: the field above has the keys */}
                      {/* biome-ignore lint/a11y/useFocusableInteractive: focus stays in the field, which names the active option */}
                      <div
                        id={`palette-${index}`}
                        role="option"
                        aria-selected={index === at}
                        aria-disabled={entry.disabledReason ? true : undefined}
                        className={`pi ${index === at ? 'on' : ''}`}
                        onClick={() => choose(entry)}
                      >
                        {entry.icon}
                        <span className="cut">{entry.label}</span>
                        <span className="push small c3">{entry.disabledReason ?? entry.detail}</span>
                      </div>
                    </div>
                  ))}
                  {found.length === 0 && <p className="pg">Nothing matches.</p>}
                </div>
              </>
            )}
          </Dialog.Popup>
        </div>
      </Dialog.Portal>
    </Dialog.Root>
  )
}

const fixed: readonly (readonly [string, string])[] = [
  ['Ctrl K', 'search and run'],
  ['/', 'search in the page'],
  ['?', 'this map'],
  ['T', 'switch theme'],
  ['Y', 'copy a link to this view'],
  ['Esc', 'clear, close'],
  ['E', 'first error of a log'],
  ['F', 'follow a log'],
  ['⇧ G', 'end of a log'],
]

function Keys({ groups }: { readonly groups: readonly NavGroup[] }) {
  const pages = groups.flatMap((group) =>
    group.pages.filter(({ key }) => key).map(({ key = '', label }) => [`G ${key.toUpperCase()}`, label] as const),
  )
  return (
    <div className="body">
      <h2 className="strong">Keys</h2>
      <dl className="kv">
        {[...fixed, ...pages].map(([keys, what]) => (
          <KeyRow key={keys} keys={keys} what={what} />
        ))}
      </dl>
    </div>
  )
}

function KeyRow({ keys, what }: { readonly keys: string; readonly what: string }) {
  return (
    <>
      <dt>
        {keys.split(' ').map((one) => (
          <kbd key={one}>{one}</kbd>
        ))}
      </dt>
      <dd>{what}</dd>
    </>
  )
}
