'use client'
import type { StreamHandlers } from '@console/api-client/client'
import { ConsoleEvent, streamEvents } from '@console/contracts/events/actions'
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { useConsole } from './console-provider.tsx'
import { createGather } from './gather.ts'

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
  codeRun: ['codeQuality.run.'],
}
const lockName = 'bytelyst.events'
const againMs = 1_000
/** A host whose containers come and go all the time must not cost the person their requests, nor a list its answer. */
const gatherMs = 1_000

/** One `/events` connection a browser: the tab that holds the lock reads it and tells the others. Answers whether news arrive. */
export function useLiveEvents(wanted: boolean): 'live' | 'lost' {
  const { client, session } = useConsole()
  // Whoever signs in again over a page begins anew: the stream of the session before has ended.
  const enabled = wanted && session.at === 'in'
  const queries = useQueryClient()
  const [state, setState] = useState<'live' | 'lost'>('live')
  useEffect(() => {
    if (!enabled) return
    const stop = new AbortController()
    const channel = new BroadcastChannel(lockName)
    const news = createGather<string>((told) => {
      const prefixes = [...new Set([...told].flatMap((topic) => topics[topic] ?? []))]
      void queries.invalidateQueries({
        predicate: ({ queryKey: [id] }) => typeof id === 'string' && prefixes.some((prefix) => id.startsWith(prefix)),
        // A tab that nobody sees asks when it is looked at again.
        refetchType: document.hidden ? 'none' : 'active',
      })
    }, gatherMs)
    let missed = false
    /** What changed while nothing was told is not told later, so that all of it is asked for again. */
    const hear = (next: 'live' | 'lost'): void => {
      setState(next)
      if (next === 'live' && missed) for (const topic of Object.keys(topics)) news.add(topic)
      missed = next === 'lost'
    }
    const take = (value: unknown): void => {
      const event = ConsoleEvent.safeParse(value)
      if (event.success) news.add(event.data.topic)
    }
    channel.onmessage = ({ data }) => (typeof data === 'string' ? hear(data as 'live' | 'lost') : take(data))
    const say = (next: 'live' | 'lost'): void => {
      hear(next)
      channel.postMessage(next)
    }
    const handlers = (onRefused: () => void): StreamHandlers => ({
      onEvent: (_name, data) => {
        take(data)
        channel.postMessage(data)
      },
      onState: (next, why) => {
        say(next === 'open' ? 'live' : 'lost')
        if (why) onRefused()
      },
    })
    /** Until the tab goes, or is refused: a stream that the server ended is asked for again. */
    const read = async (): Promise<void> => {
      let refused = false
      while (!stop.signal.aborted && !refused) {
        await client.follow(
          streamEvents,
          { signal: stop.signal },
          handlers(() => {
            refused = true
          }),
        )
        await new Promise((resolve) => setTimeout(resolve, againMs))
      }
    }
    const { locks } = navigator
    // Locks are for secure contexts alone; elsewhere each tab reads for itself.
    if (locks) locks.request(lockName, { signal: stop.signal }, read).catch(() => undefined)
    else void read()
    return () => {
      stop.abort()
      news.stop()
      channel.close()
    }
  }, [client, queries, enabled])
  return state
}
