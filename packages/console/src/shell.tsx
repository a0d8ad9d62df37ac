'use client'
import { signOut } from '@console/contracts/auth/actions'
import { Button } from '@console/ui/button.tsx'
import { Menu } from '@console/ui/menu.tsx'
import { Glyph, type StatusKind, toneOf } from '@console/ui/status.tsx'
import { ThemeButton } from '@console/ui/theme-button.tsx'
import { ExternalLink, LogOut, Menu as MenuIcon, Search, Server, UserRound } from 'lucide-react'
import Link from 'next/link'
import { usePathname, useRouter } from 'next/navigation'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { Brand } from './brand.tsx'
import { tellTabs, useConsole, usePerson } from './console-provider.tsx'
import { Palette, type PaletteEntry } from './palette.tsx'
import { useShortcuts } from './use-shortcuts.ts'

export type NavPage = {
  readonly href: string
  readonly label: string
  readonly icon: ReactNode
  readonly key?: string
  readonly count?: { readonly n: number; readonly kind: StatusKind } | null
}
export type NavGroup = { readonly title: string | null; readonly pages: readonly NavPage[] }
export type Lamp = {
  readonly label: string
  readonly says: string
  readonly href: string
  readonly kind: StatusKind
  readonly lit: boolean
}
type Props = {
  readonly productName: string
  readonly groups: readonly NavGroup[]
  readonly lamps?: readonly Lamp[]
  readonly otherDashboard: { readonly label: string; readonly href: string; readonly icon: ReactNode }
  readonly entries: readonly PaletteEntry[]
  readonly settingsHref?: string
  readonly host?: { readonly name: string; readonly detail: string } | null
  readonly banner?: ReactNode
  readonly children: ReactNode
}

/** The frame of every page: pages at the side, what deviates at the top, the person at the right. */
export function Shell({ productName, groups, lamps = [], otherDashboard, entries, settingsHref, host, banner, children }: Props) {
  const [palette, setPalette] = useState(false)
  const [sheet, setSheet] = useState(false)
  const [help, setHelp] = useState(false)
  const path = usePathname()
  const router = useRouter()
  const main = useRef<HTMLElement>(null)
  const first = useRef(true)
  useShortcuts({ groups, onPalette: () => setPalette(true), onHelp: () => setHelp(true), go: (href) => router.push(href) })
  useEffect(() => {
    setSheet(false)
    if (first.current) first.current = false
    else main.current?.focus()
  }, [path])
  const lit = lamps.filter((lamp) => lamp.lit)
  const nav = <Pages groups={groups} path={path} />
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
          {nav}
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
          </footer>
        </aside>
        <header className="top">
          <Button
            look="quiet"
            className="menu-btn"
            aria-label="Open menu"
            icon={<MenuIcon className="ic" aria-hidden="true" />}
            onClick={() => setSheet(true)}
          />
          {lamps.length > 0 && (
            <nav className="lamps not-s" aria-label="Annunciator">
              {lamps.map((lamp) => (
                <LampLink key={lamp.label} lamp={lamp} />
              ))}
            </nav>
          )}
          {lamps.length > 0 && (
            <Link className={`lamp only-s ${lit.length > 0 ? `lit ${toneOf(lit[0]?.kind ?? 'ok')}` : ''}`} href="/">
              {lit.length > 0 ? (
                <>
                  <Glyph kind={lit[0]?.kind ?? 'bad'} />
                  {lit.length} need attention
                </>
              ) : (
                'all quiet'
              )}
            </Link>
          )}
          <div className="tools">
            <button type="button" className="find" onClick={() => setPalette(true)}>
              <Search className="ic s" aria-hidden="true" />
              <span>Search</span>
              <kbd className="push" aria-hidden="true">
                Ctrl K
              </kbd>
            </button>
            <a className="btn quiet wide-only" href={otherDashboard.href} target="_blank" rel="noreferrer">
              {otherDashboard.icon}
              {otherDashboard.label}
              <span className="vh"> (opens in a new tab)</span>
            </a>
            <ThemeButton className="not-s" />
            <PersonMenu settingsHref={settingsHref} other={otherDashboard} />
          </div>
        </header>
        {banner}
        <main className="main" id="main" ref={main} tabIndex={-1}>
          {children}
        </main>
      </div>
      {sheet && (
        <Sheet
          productName={productName}
          onClose={() => setSheet(false)}
          onSearch={() => {
            setSheet(false)
            setPalette(true)
          }}
        >
          {nav}
        </Sheet>
      )}
      {palette && <Palette entries={[...pagesOf(groups), ...entries]} onClose={() => setPalette(false)} />}
      {help && <Palette entries={[]} help groups={groups} onClose={() => setHelp(false)} />}
    </>
  )
}

function Pages({ groups, path }: { readonly groups: readonly NavGroup[]; readonly path: string }) {
  return (
    <nav className="nav" aria-label="Pages">
      {groups.map(({ title, pages }) => (
        <div key={title ?? 'top'}>
          {title && <h2>{title}</h2>}
          <ul>
            {pages.map(({ href, label, icon, count }) => (
              <li key={href}>
                <Link href={href} aria-current={isHere(path, href) ? 'page' : undefined}>
                  {icon}
                  <span>{label}</span>
                  {count && count.n > 0 && (
                    <span className={`n ${toneOf(count.kind)}`}>
                      <Glyph kind={count.kind} size="s" />
                      {count.n}
                      <span className="vh"> need attention</span>
                    </span>
                  )}
                </Link>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </nav>
  )
}

function LampLink({ lamp: { label, says, href, kind, lit } }: { readonly lamp: Lamp }) {
  return (
    <Link className={`lamp ${lit ? `lit ${toneOf(kind)}` : ''}`} href={href} title={`${label}: ${says}`}>
      {lit && <Glyph kind={kind} />}
      {label}
      <span className="vh">: {says}</span>
    </Link>
  )
}

function PersonMenu({ settingsHref, other }: { readonly settingsHref: string | undefined; readonly other: Props['otherDashboard'] }) {
  const { client, signedOut } = useConsole()
  const { info } = usePerson()
  const router = useRouter()
  if (!info) return null
  const initials = info.user.name
    .split(/\s+/)
    .map((part) => part[0] ?? '')
    .join('')
    .slice(0, 2)
    .toUpperCase()
  const leave = async (): Promise<void> => {
    await client.call(signOut, {}).catch(() => undefined)
    client.forgetTokens()
    signedOut()
    tellTabs()
    location.assign('/')
  }
  return (
    <Menu
      trigger={
        <button type="button">
          <span className="avatar" aria-hidden="true">
            {initials}
          </span>
          <span className="vh">{info.user.name}, account menu</span>
        </button>
      }
      head={
        <>
          <p className="strong">{info.user.name}</p>
          <p className="small c2">{info.user.email}</p>
        </>
      }
      items={[
        { label: 'Your profile', icon: <UserRound className="ic s" aria-hidden="true" />, onSelect: () => router.push('/profile') },
        ...(settingsHref
          ? [{ label: 'Settings', icon: <Server className="ic s" aria-hidden="true" />, onSelect: () => router.push(settingsHref) }]
          : []),
        {
          label: other.label,
          icon: <ExternalLink className="ic s" aria-hidden="true" />,
          onSelect: () => void window.open(other.href, '_blank', 'noreferrer'),
        },
        { label: 'Sign out', icon: <LogOut className="ic s" aria-hidden="true" />, onSelect: () => void leave() },
      ]}
    />
  )
}

function Sheet({
  productName,
  onClose,
  onSearch,
  children,
}: {
  readonly productName: string
  readonly onClose: () => void
  readonly onSearch: () => void
  readonly children: ReactNode
}) {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key === 'Escape') onClose()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [onClose])
  return (
    <>
      <button type="button" className="backdrop" aria-label="Close menu" onClick={onClose} />
      <div className="menusheet sheet" role="dialog" aria-modal="true" aria-label="Menu">
        <div className="brand">
          <Brand />
          <span>{productName}</span>
        </div>
        <button type="button" className="find" onClick={onSearch}>
          <Search className="ic s" aria-hidden="true" />
          <span>Search</span>
        </button>
        {children}
        <div className="sheetfoot">
          <ThemeButton />
        </div>
      </div>
    </>
  )
}

function pagesOf(groups: readonly NavGroup[]): PaletteEntry[] {
  return groups.flatMap(({ pages }) => pages.map(({ href, label, icon }) => ({ group: 'Pages', label, icon, href })))
}

function isHere(path: string, href: string): boolean {
  return href === '/' ? path === '/' : path === href || path.startsWith(`${href}/`)
}
