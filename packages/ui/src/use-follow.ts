import { type UIEvent, useCallback, useEffect, useRef, useState } from 'react'

const nearEndPx = 40

/**
 * Whether a growing list is held at its end. Scrolling up lets go of it, reaching the end takes hold again; what our own scrolling and
 * the measuring of lines do to the box does neither. `waiting` counts what came since it was let go.
 */
export function useFollow(count: number, toEnd: () => void) {
  const [following, setFollowing] = useState(true)
  const [seen, setSeen] = useState(0)
  const lastTop = useRef(0)
  const scrollToEnd = useRef(toEnd)
  useEffect(() => {
    scrollToEnd.current = toEnd
  })
  useEffect(() => {
    if (!following) return
    if (count > 0) scrollToEnd.current()
    setSeen(count)
  }, [following, count])
  const onScroll = useCallback((event: UIEvent<HTMLElement>): void => {
    const { scrollTop, scrollHeight, clientHeight } = event.currentTarget
    const upward = scrollTop < lastTop.current - 1
    lastTop.current = scrollTop
    if (scrollHeight - scrollTop - clientHeight < nearEndPx) setFollowing(true)
    else if (upward) setFollowing(false)
  }, [])
  return { following, setFollowing, onScroll, waiting: following ? 0 : Math.max(0, count - seen) }
}
