import type { StatusKind } from '@console/ui/status.tsx'
import type { ReactNode } from 'react'

/** A page at the side; `key` opens it after G. */
export type NavPage = {
  readonly href: string
  readonly label: string
  readonly icon: ReactNode
  readonly key?: string
  /** It stands at `/` as well. */
  readonly first?: boolean
  readonly count?: { readonly n: number; readonly kind: StatusKind } | null
}
export type NavGroup = { readonly title: string | null; readonly pages: readonly NavPage[] }
/** One lamp of the annunciator: always at its place, lit only on deviation. */
export type Lamp = {
  readonly label: string
  readonly says: string
  readonly href: string
  readonly kind: StatusKind
  readonly lit: boolean
}
/** Leads to the other dashboard, in a new tab. */
export type OtherDashboard = { readonly label: string; readonly href: string; readonly icon: ReactNode }
/** What the palette finds: a place to go, or a deed. */
export type PaletteEntry = {
  readonly group: string
  readonly label: string
  readonly detail?: string
  readonly icon?: ReactNode
  readonly href?: string
  readonly keys?: string
  readonly run?: () => void
  readonly disabledReason?: string | null
}

export function pagesOf(groups: readonly NavGroup[]): NavPage[] {
  return groups.flatMap(({ pages }) => pages)
}

/** Whether the path is this page or one below it. */
export function isHere(path: string, { href, first = false }: Pick<NavPage, 'href' | 'first'>): boolean {
  return path === '/' ? first || href === '/' : path === href || path.startsWith(`${href}/`)
}
