import { type RefObject, useEffect } from 'react'
import { singleKeysOn } from './single-keys.ts'

/**
 * `J` and `K` move through the rows of a list, by the first link or button of each; Enter then opens it. In the row in focus a letter
 * presses the control that names it in `data-key`. Rows carry `data-row`. Single keys work outside fields and dialogs only.
 */
export function useRowKeys(box: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const { target } = event
      const isTick = target instanceof HTMLInputElement && target.type === 'checkbox'
      const inField =
        target instanceof HTMLElement && !isTick && (/^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) || target.isContentEditable)
      if (inField || event.ctrlKey || event.metaKey || event.altKey || !singleKeysOn()) return
      if (document.querySelector('[role="dialog"], [role="alertdialog"], [role="menu"]')) return
      const rows = [...(box.current?.querySelectorAll<HTMLElement>('[data-row]') ?? [])]
      const at = rows.findIndex((row) => row.contains(document.activeElement))
      if (event.key === 'j' || event.key === 'k') {
        const next = rows[at < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, at + (event.key === 'j' ? 1 : -1)))]
        next?.querySelector<HTMLElement>('a[href], button')?.focus()
        if (next) event.preventDefault()
        return
      }
      if (/^[a-z]$/.test(event.key)) rows[at]?.querySelector<HTMLElement>(`[data-key="${event.key}"]`)?.click()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [box])
}
