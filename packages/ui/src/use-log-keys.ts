import { useEffect, useRef } from 'react'
import { singleKeysOn } from './single-keys.ts'

type Keys = {
  readonly firstError: () => void
  readonly step: (by: number) => void
  readonly toggleFollow: () => void
  readonly top: () => void
  readonly end: () => void
}
const twiceMs = 1_200

/** Keys of a log, outside fields and dialogs: E first error, N and ⇧N matches, F follow, G twice top, ⇧G end. */
export function useLogKeys(keys: Keys): void {
  const now = useRef(keys)
  useEffect(() => {
    now.current = keys
  })
  useEffect(() => {
    let lastG = Number.NEGATIVE_INFINITY
    const onKey = (event: KeyboardEvent): void => {
      const { target, key, timeStamp } = event
      if (event.ctrlKey || event.metaKey || event.altKey || !singleKeysOn()) return
      if (target instanceof HTMLElement && /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) return
      if (document.querySelector('[role="dialog"], [role="menu"]')) return
      const { firstError, step, toggleFollow, top, end } = now.current
      if (key === 'e') firstError()
      else if (key === 'n') step(1)
      else if (key === 'N') step(-1)
      else if (key === 'f') toggleFollow()
      else if (key === 'G') end()
      else if (key === 'g' && timeStamp - lastG < twiceMs) top()
      lastG = key === 'g' ? timeStamp : Number.NEGATIVE_INFINITY
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [])
}
