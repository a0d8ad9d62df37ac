import { useEffect, useRef, useState } from 'react'

const everyMs = 10_000

/** Tells a reader what came, at most every ten seconds: the lines themselves are too many to be read out. */
export function LogSummary({ lines, errors, live }: { readonly lines: number; readonly errors: number; readonly live: boolean }) {
  const now = useRef({ lines, errors })
  const [says, setSays] = useState('')
  useEffect(() => {
    now.current = { lines, errors }
  }, [lines, errors])
  useEffect(() => {
    if (!live) return
    let told = now.current
    const timer = setInterval(() => {
      const came = now.current.lines - told.lines
      const bad = now.current.errors - told.errors
      if (came > 0) setSays(`${came} new lines${bad > 0 ? `, ${bad} errors` : ''}`)
      told = now.current
    }, everyMs)
    return () => clearInterval(timer)
  }, [live])
  return (
    <p className="vh" role="status">
      {says}
    </p>
  )
}
