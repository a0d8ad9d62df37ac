'use client'
import { currentTheme, setTheme } from '@console/ui/theme.ts'
import { useEffect, useRef } from 'react'
import type { NavGroup } from './shell.tsx'

const prefixMs = 1_200

/** Single keys outside fields, `G` then a letter for pages, Ctrl or Cmd with K anywhere. */
export function useShortcuts({
  groups,
  onPalette,
  onHelp,
  go,
}: {
  readonly groups: readonly NavGroup[]
  readonly onPalette: () => void
  readonly onHelp: () => void
  readonly go: (href: string) => void
}): void {
  const prefixAt = useRef(0)
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault()
        onPalette()
        return
      }
      const { target } = event
      const inField = target instanceof HTMLElement && (/^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) || target.isContentEditable)
      if (inField || event.ctrlKey || event.metaKey || event.altKey || document.querySelector('[role="dialog"]')) return
      if (performance.now() - prefixAt.current < prefixMs) {
        prefixAt.current = 0
        const page = groups.flatMap(({ pages }) => pages).find(({ key }) => key === event.key.toLowerCase())
        if (page) go(page.href)
        return
      }
      if (event.key === 'g') prefixAt.current = performance.now()
      else if (event.key === '?') onHelp()
      else if (event.key === 't') setTheme(currentTheme() === 'light' ? 'dark' : 'light')
      else if (event.key === 'y') void navigator.clipboard?.writeText(location.href)
      else if (event.key === '/') {
        const field = document.querySelector<HTMLInputElement>('main input[type="search"], main .search input')
        if (field) {
          event.preventDefault()
          field.focus()
        }
      }
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [groups, onPalette, onHelp, go])
}
