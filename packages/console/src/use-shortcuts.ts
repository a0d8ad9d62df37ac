'use client'
import { singleKeysOn } from '@console/ui/single-keys.ts'
import { currentTheme, setTheme } from '@console/ui/theme.ts'
import { useToast } from '@console/ui/toast.tsx'
import { useEffect, useRef } from 'react'
import { type NavGroup, pagesOf } from './navigation.ts'

const prefixMs = 1_200

type Options = {
  readonly groups: readonly NavGroup[]
  readonly onPalette: () => void
  readonly onHelp: () => void
  readonly go: (href: string) => void
}

/** Ctrl or Cmd with K anywhere. Outside fields and dialogs: single keys, and `G` then a letter for pages. */
export function useShortcuts(options: Options): void {
  const now = useRef(options)
  const toast = useToast()
  useEffect(() => {
    now.current = options
  })
  useEffect(() => {
    let prefixAt = Number.NEGATIVE_INFINITY
    const copyLink = async (): Promise<void> => {
      await navigator.clipboard?.writeText(location.href)
      toast({ kind: 'ok', title: 'Link to this view copied' })
    }
    const single: Readonly<Record<string, (event: KeyboardEvent) => void>> = {
      '?': () => now.current.onHelp(),
      t: () => setTheme(currentTheme() === 'light' ? 'dark' : 'light'),
      y: () => void copyLink().catch(() => undefined),
      '/': focusSearch,
    }
    const onKey = (event: KeyboardEvent): void => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault()
        now.current.onPalette()
        return
      }
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event) || !singleKeysOn()) return
      const prefixed = event.timeStamp - prefixAt < prefixMs
      prefixAt = Number.NEGATIVE_INFINITY
      if (prefixed) {
        const page = pagesOf(now.current.groups).find(({ key }) => key === event.key.toLowerCase())
        if (page) now.current.go(page.href)
      } else if (event.key === 'g') prefixAt = event.timeStamp
      else if (Object.hasOwn(single, event.key)) single[event.key]?.(event)
      else pressMarked(event.key)
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [toast])
}

/** In a field a letter is text, and in a dialog or a menu it belongs to that. */
function isTyping({ target }: KeyboardEvent): boolean {
  const inField = target instanceof HTMLElement && (/^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) || target.isContentEditable)
  return inField || document.querySelector('[role="dialog"], [role="alertdialog"], [role="menu"]') !== null
}

function focusSearch(event: KeyboardEvent): void {
  const field = document.querySelector<HTMLInputElement>('main input[type="search"], main .search input')
  if (!field) return
  event.preventDefault()
  field.focus()
}

/** A control of the page's head that names its key by `data-key`. Letters of a row belong to the row that has the focus. */
function pressMarked(key: string): void {
  if (!/^[a-z]$/.test(key) || document.activeElement?.closest('[data-row]')) return
  document.querySelector<HTMLElement>(`main .phead [data-key="${key}"]`)?.click()
}
