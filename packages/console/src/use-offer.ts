'use client'
import { usePathname } from 'next/navigation'
import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from 'react'
import { mayOffer, type Offer, openedAt, readMemory } from './offers.ts'
import { isOutdated } from './offline-worker.ts'

const key = 'bytelyst.offers.v1'
type InstallPrompt = Event & { prompt(): Promise<unknown> }
const listeners = new Set<() => void>()
let prompt: InstallPrompt | null = null
const tell = (next: InstallPrompt | null): void => {
  prompt = next
  for (const listener of listeners) listener()
}
// The browser says this once, as early as it likes; its own bar would ask at the first visit.
if (typeof window !== 'undefined') {
  addEventListener('beforeinstallprompt', (event) => {
    event.preventDefault()
    tell(event as InstallPrompt)
  })
  addEventListener('appinstalled', () => tell(null))
}
const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** Asks the browser to install this dashboard; null where it cannot, or has. */
export function useInstall(): (() => void) | null {
  const ready = useSyncExternalStore(
    subscribe,
    () => prompt,
    () => null,
  )
  if (!ready) return null
  return () => {
    tell(null)
    void ready.prompt()
  }
}

/** What is offered now, if anything. A newer version is offered after a change of page alone, so never amid work; a page is loaded anew only by who wants it. */
export function useOffer(): { readonly offer: Offer | null; readonly putOff: () => void } {
  const path = usePathname()
  const install = useInstall() !== null
  const [outdated, setOutdated] = useState(false)
  const [quiet, setQuiet] = useState<readonly Offer[]>(['install', 'update'])
  const opened = useRef(path)
  const judge = useCallback(() => {
    const memory = openedAt(readMemory(read()), Date.now())
    write(JSON.stringify(memory))
    setQuiet((['install', 'update'] as const).filter((offer) => !mayOffer(offer, memory, Date.now())))
  }, [])
  useEffect(judge, [judge])
  useEffect(() => {
    if (opened.current === path) return
    opened.current = path
    judge()
    let here = true
    isOutdated().then(
      (now) => here && setOutdated(now),
      () => undefined,
    )
    return () => {
      here = false
    }
  }, [path, judge])
  const wanted: Offer | null = outdated ? 'update' : install ? 'install' : null
  return {
    offer: wanted && !quiet.includes(wanted) ? wanted : null,
    putOff: () => {
      if (!wanted) return
      const memory = readMemory(read())
      write(JSON.stringify({ ...memory, putOff: { ...memory.putOff, [wanted]: Date.now() } }))
      judge()
    },
  }
}

function read(): string | null {
  try {
    return localStorage.getItem(key)
  } catch {
    return null
  }
}

function write(text: string): void {
  try {
    localStorage.setItem(key, text)
  } catch {
    // Without storage what is put off is put off for this page.
  }
}
