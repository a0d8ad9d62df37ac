'use client'
import { Button } from '@console/ui/button.tsx'
import { ThemeButton } from '@console/ui/theme-button.tsx'
import { ExternalLink, Menu as MenuIcon, Search, Server } from 'lucide-react'
import { usePathname, useRouter } from 'next/navigation'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { Annunciator } from './annunciator.tsx'
import { Brand } from './brand.tsx'
import { KeyMap } from './key-map.tsx'
import { MenuSheet } from './menu-sheet.tsx'
import { type Lamp, type NavGroup, type OtherDashboard, type PaletteEntry, pagesOf } from './navigation.ts'
import { OfferBanner } from './offer-banner.tsx'
import { PageList } from './page-list.tsx'
import { Palette } from './palette.tsx'
import { PersonMenu } from './person-menu.tsx'
import { useShortcuts } from './use-shortcuts.ts'

type Props = {
  readonly productName: string
  readonly groups: readonly NavGroup[]
  readonly lamps?: readonly Lamp[]
  readonly other: OtherDashboard
  /** Whether the other dashboard is named in the header or at the foot of the side. */
  readonly otherAt: 'header' | 'side'
  readonly entries: readonly PaletteEntry[]
  readonly settingsHref?: string
  readonly host?: { readonly name: string; readonly detail: string } | null
  readonly banner?: ReactNode
  readonly children: ReactNode
}

/** The frame of every page: pages at the side, what deviates at the top, the person at the right. */
export function Shell(props: Props) {
  const { productName, groups, lamps = [], other, otherAt, entries, settingsHref, host, banner, children } = props
  const [open, setOpen] = useState<'palette' | 'keys' | 'menu' | null>(null)
  const path = usePathname()
  const router = useRouter()
  const main = useFocusAfterRoute(path)
  useShortcuts({ groups, onPalette: () => setOpen('palette'), onHelp: () => setOpen('keys'), go: (href) => router.push(href) })
  useEffect(() => setOpen((now) => (path && now === 'menu' ? null : now)), [path])
  const pages = <PageList groups={groups} path={path} />
  const found = [...pagesOf(groups).map(entryOfPage), ...entries]
  return (
    <>
      <a className="skip" href="#main">
        Skip to content
      </a>
      <div className="app">
        <aside className="side">
          <div className="brand">
            <Brand />
            <span>{productName}</span>
          </div>
          {pages}
          <SideFoot host={host} other={otherAt === 'side' ? other : null} />
        </aside>
        <header className="top">
          <Button
            look="quiet"
            className="menu-btn"
            aria-label="Open menu"
            icon={<MenuIcon className="ic" aria-hidden="true" />}
            onClick={() => setOpen('menu')}
          />
          <Annunciator lamps={lamps} />
          <div className="tools">
            <button type="button" className="find" onClick={() => setOpen('palette')}>
              <Search className="ic s" aria-hidden="true" />
              <span>Search</span>
              <kbd className="push" aria-hidden="true">
                Ctrl K
              </kbd>
            </button>
            {otherAt === 'header' && (
              <a className="btn quiet wide-only" href={other.href} target="_blank" rel="noreferrer">
                {other.icon}
                {other.label}
                <span className="vh"> (opens in a new tab)</span>
              </a>
            )}
            <ThemeButton className="not-s" />
            <PersonMenu settingsHref={settingsHref} other={other} />
          </div>
        </header>
        {banner ?? <OfferBanner />}
        <main className="main" id="main" ref={main} tabIndex={-1}>
          {children}
        </main>
      </div>
      {open === 'menu' && (
        <MenuSheet productName={productName} other={other} host={host} onClose={() => setOpen(null)} onSearch={() => setOpen('palette')}>
          {pages}
        </MenuSheet>
      )}
      {open === 'palette' && <Palette entries={found} onClose={() => setOpen(null)} onHelp={() => setOpen('keys')} />}
      {open === 'keys' && <KeyMap groups={groups} onClose={() => setOpen(null)} />}
    </>
  )
}

function SideFoot({ host, other }: { readonly host: Props['host']; readonly other: OtherDashboard | null }) {
  if (!host && !other) return null
  return (
    <footer>
      {host && (
        <div className="hostpick">
          <Server className="ic" aria-hidden="true" />
          <span className="grow">
            <span className="strong">{host.name}</span>
            <br />
            <span className="label">{host.detail}</span>
          </span>
        </div>
      )}
      {other && (
        <a className="hostpick" href={other.href} target="_blank" rel="noreferrer">
          {other.icon}
          <span className="grow">{other.label}</span>
          <ExternalLink className="ic s" aria-hidden="true" />
          <span className="vh"> (opens in a new tab)</span>
        </a>
      )}
    </footer>
  )
}

/** After a change of page the focus goes to its content, so that readers begin there; not when the first page opens. */
function useFocusAfterRoute(path: string) {
  const main = useRef<HTMLElement>(null)
  const before = useRef(path)
  useEffect(() => {
    if (before.current !== path) main.current?.focus()
    before.current = path
  }, [path])
  return main
}

function entryOfPage({ href, label, icon, key }: NavGroup['pages'][number]): PaletteEntry {
  return { group: 'Pages', label, icon, href, ...(key && { keys: `G ${key.toUpperCase()}` }) }
}
