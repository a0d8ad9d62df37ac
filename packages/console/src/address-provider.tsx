'use client'
import { usePathname, useSearchParams } from 'next/navigation'
import {
  type unstable_AdapterInterface as Adapter,
  unstable_createAdapterProvider as createAdapterProvider,
  renderQueryString,
  type unstable_UpdateUrlFunction as UpdateUrl,
} from 'nuqs/adapters/custom'
import {
  createContext,
  type ReactNode,
  startTransition,
  useCallback,
  useContext,
  useLayoutEffect,
  useMemo,
  useOptimistic,
  useRef,
} from 'react'

type Written = {
  /** What was written last, while the router is not there yet; null once it is. */
  readonly search: URLSearchParams | null
  readonly write: (path: string, ...args: Parameters<UpdateUrl>) => void
  readonly newest: () => URLSearchParams
}
const Context = createContext<Written | null>(null)

/**
 * Keeps what a page shows in its address, around every `useQueryStates`. When the router has rendered an address, it writes that one again:
 * on a slow machine, over a newer one. So what was written last counts for the page and for the next choice until the router has it too;
 * nuqs' own adapter goes by `location` and would lose what stands in neither.
 */
export function AddressProvider({ children }: { readonly children: ReactNode }) {
  const [search, setSearch] = useOptimistic<URLSearchParams | null>(null)
  const last = useRef<URLSearchParams | null>(null)
  useLayoutEffect(() => {
    if (search === null) last.current = null
  }, [search])
  const write = useCallback<Written['write']>(
    (path, next, { history: way, scroll }) => {
      // A choice that was made a moment before its page was left.
      if (pathOf(location.pathname) !== pathOf(path)) return
      last.current = next
      startTransition(() => {
        setSearch(next)
        const address = location.pathname + renderQueryString(next) + location.hash
        if (way === 'push') history.pushState(null, '', address)
        else history.replaceState(null, '', address)
      })
      if (scroll) window.scrollTo(0, 0)
    },
    [setSearch],
  )
  const newest = useCallback(() => new URLSearchParams(last.current ?? location.search), [])
  const value = useMemo(() => ({ search, write, newest }), [search, write, newest])
  return (
    <Context.Provider value={value}>
      <Provider>{children}</Provider>
    </Context.Provider>
  )
}

const Provider = createAdapterProvider(useAddress)

function useAddress(): Adapter {
  const value = useContext(Context)
  if (!value) throw new Error('the address stands outside AddressProvider')
  const { search, write, newest } = value
  const pathname = usePathname()
  const routed = useSearchParams()
  const updateUrl = useCallback<UpdateUrl>((next, options) => write(pathname, next, options), [write, pathname])
  return { searchParams: search ?? routed, pathname, updateUrl, getSearchParamsSnapshot: newest, rateLimitFactor: historyCalls }
}

/** Browsers limit calls of `history`: nuqs writes once, and the router up to twice for each of its renderings. */
const historyCalls = 3

function pathOf(path: string): string {
  return path.replace(/(.)\/$/, '$1')
}
