'use client'
import './no-eval.ts'
import { type ApiError, type Client, createClient } from '@console/api-client/client'
import { readAgainMs, readsAgain } from '@console/api-client/read-again'
import { getSession, getSetup } from '@console/contracts/auth/actions'
import type { SessionInfo } from '@console/contracts/auth/schemas'
import { followTheme } from '@console/ui/theme.ts'
import { UiProvider } from '@console/ui/ui-provider.tsx'
import { QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useRef, useState } from 'react'
import { noteHeard } from './heard.ts'
import { followWorker } from './offline-worker.ts'
import { type DashboardSettings, loadSettings } from './settings.ts'

/** `out` over a page keeps the page mounted: what was typed stays while somebody signs in again. */
export type SessionState =
  | { readonly at: 'loading' }
  | { readonly at: 'unreachable'; readonly why: string }
  | { readonly at: 'setup' }
  | { readonly at: 'out'; readonly last: SessionInfo | null }
  | { readonly at: 'in'; readonly info: SessionInfo }
type Console = {
  readonly client: Client
  readonly settings: DashboardSettings
  readonly session: SessionState
  readonly adopt: (info: SessionInfo) => void
  readonly signedOut: () => void
  readonly retry: () => void
}
const Context = createContext<Console | null>(null)
const noSettings: DashboardSettings = {
  devopsApiUrl: '',
  platformUrl: '',
  adminWebUrl: '',
  devopsWebUrl: '',
  productId: '',
  productName: '',
}
const channelName = 'bytelyst.session'

/** Around every page of a dashboard: settings, who is signed in, the client of both APIs, the cache of what was read. */
export function ConsoleProvider({ children }: { readonly children: ReactNode }) {
  const [settings, setSettings] = useState<DashboardSettings | null>(null)
  const [session, setSession] = useState<SessionState>({ at: 'loading' })
  const [tries, setTries] = useState(0)
  const queries = useMemo(
    () =>
      new QueryClient({
        queryCache: new QueryCache({ onSuccess: () => noteHeard() }),
        defaultOptions: {
          queries: {
            retry: (failures, error) => readsAgain(failures, error as ApiError),
            retryDelay: readAgainMs,
            staleTime: 2_000,
            refetchOnWindowFocus: true,
          },
        },
      }),
    [],
  )
  const signedOut = useCallback(() => setSession((state) => (state.at === 'in' ? { at: 'out', last: state.info } : state)), [])
  const client = useMemo(
    () =>
      createClient({
        baseUrlOf: (api) => (api === 'devops' ? (settings?.devopsApiUrl ?? '') : (settings?.platformUrl ?? '')),
        onSignedOut: signedOut,
      }),
    [settings, signedOut],
  )
  const who = useRef<string | null>(null)
  /** Somebody else is in now: nothing that the one before could read stays. The same person keeps what is on screen. */
  const enter = useCallback(
    (info: SessionInfo) => {
      client.keepCsrf('platform', info.csrfToken)
      if (who.current !== null && who.current !== info.user.id) queries.clear()
      who.current = info.user.id
      noteHeard()
      setSession({ at: 'in', info })
    },
    [client, queries],
  )
  const adopt = useCallback(
    (info: SessionInfo) => {
      client.forgetTokens()
      enter(info)
      void queries.invalidateQueries()
      tellTabs()
    },
    [client, enter, queries],
  )

  useEffect(followTheme, [])
  useEffect(() => void followWorker().catch(() => undefined), [])
  // Asked for again with each try, until they are here.
  const wanting = settings ? null : tries
  useEffect(() => {
    if (wanting === null) return
    loadSettings().then(setSettings, (error: Error) => setSession({ at: 'unreachable', why: error.message }))
  }, [wanting])
  useEffect(() => {
    if (!settings) return
    const look = async (): Promise<void> => {
      try {
        enter(await client.call(getSession, {}))
      } catch (error) {
        const { code, message } = error as { code?: string; message: string }
        // A page that is open stays open: what was typed there would be lost, and its own reads say what is away.
        if (code !== 'AUTH_REQUIRED')
          return setSession((state) =>
            state.at === 'in' || (state.at === 'out' && state.last) ? state : { at: 'unreachable', why: message },
          )
        const { required } = await client.call(getSetup, {}).catch(() => ({ required: false }))
        setSession((state) =>
          required ? { at: 'setup' } : { at: 'out', last: state.at === 'in' ? state.info : state.at === 'out' ? state.last : null },
        )
      }
    }
    void look()
    const channel = new BroadcastChannel(channelName)
    channel.onmessage = () => void look()
    return () => channel.close()
  }, [settings, client, enter, tries])

  const retry = useCallback(() => setTries((n) => n + 1), [])
  const value = useMemo<Console>(
    () => ({ client, settings: settings ?? noSettings, session, adopt, signedOut, retry }),
    [client, settings, session, adopt, signedOut, retry],
  )
  return (
    <UiProvider>
      <QueryClientProvider client={queries}>
        <Context.Provider value={value}>{children}</Context.Provider>
      </QueryClientProvider>
    </UiProvider>
  )
}

export function useConsole(): Console {
  const value = useContext(Context)
  if (!value) throw new Error('useConsole stands outside ConsoleProvider')
  return value
}

/** Tells the other tabs that the session changed. */
export function tellTabs(): void {
  const channel = new BroadcastChannel(channelName)
  channel.postMessage('changed')
  channel.close()
}

/** The person and their membership in a product; only below the gate. */
export function usePerson() {
  const { session } = useConsole()
  const info = session.at === 'in' ? session.info : session.at === 'out' ? session.last : null
  const roleIn = (productId: string) => info?.memberships.find((membership) => membership.productId === productId)?.role ?? null
  return { info, devopsRole: roleIn('bytelyst-devops'), platformRole: roleIn('bytelyst-platform') }
}
