'use client'
import { ConsoleEvent, streamEvents } from '@console/contracts/events/actions'
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { useConsole } from './console-provider.tsx'

const topics: Record<string, readonly string[]> = {
  service: ['services.', 'health.'],
  deployment: ['deployments.', 'services.'],
  health: ['health.', 'services.', 'incidents.'],
  incident: ['incidents.', 'health.'],
  container: ['vm.container', 'services.container'],
  script: ['scripts.'],
  part: ['console.part', 'vm.container', 'scripts.'],
  settings: ['settings.'],
  audit: ['audit.'],
}
const lockName = 'bytelyst.events'

/** One `/events` connection a browser: the tab that holds the lock reads it and tells the others. Answers whether news arrive. */
export function useLiveEvents(enabled: boolean): 'live' | 'lost' {
  const { client } = useConsole()
  const queries = useQueryClient()
  const [state, setState] = useState<'live' | 'lost'>('live')
  useEffect(() => {
    if (!enabled) return
    const stop = new AbortController()
    const channel = new BroadcastChannel(lockName)
    const take = (value: unknown): void => {
      const event = ConsoleEvent.safeParse(value)
      if (!event.success) return
      const prefixes = topics[event.data.topic] ?? []
      void queries.invalidateQueries({
        predicate: ({ queryKey: [id] }) => typeof id === 'string' && prefixes.some((prefix) => id.startsWith(prefix)),
      })
    }
    channel.onmessage = ({ data }) => (typeof data === 'string' ? setState(data as 'live' | 'lost') : take(data))
    const say = (next: 'live' | 'lost'): void => {
      setState(next)
      channel.postMessage(next)
    }
    const read = (): Promise<void> =>
      client.follow(
        streamEvents,
        { signal: stop.signal },
        {
          onEvent: (_name, data) => {
            take(data)
            channel.postMessage(data)
          },
          onState: (next) => say(next === 'open' ? 'live' : 'lost'),
        },
      )
    const { locks } = navigator
    if (locks) locks.request(lockName, { signal: stop.signal }, read).catch(() => undefined)
    else void read()
    return () => {
      stop.abort()
      channel.close()
    }
  }, [client, queries, enabled])
  return state
}
