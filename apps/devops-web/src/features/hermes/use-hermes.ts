'use client'
import { useRead } from '@console/console/use-action.ts'
import { getHermesOps } from '@console/contracts/hermes/actions'
import type { HermesInstance, HermesOps } from '@console/contracts/hermes/schemas'
import { parseAsString, useQueryState } from 'nuqs'
import { useEffect, useState } from 'react'
import { keepTrend, type Shelf, type Trend, trendOf } from './trends.ts'

const everyMs = 15_000

/** The last snapshot, and the instance that the address names; all of them where it names none. */
export function useHermes() {
  const ops = useRead(getHermesOps, {}, { every: everyMs })
  const [instance, setInstance] = useQueryState('instance', parseAsString.withDefault('all'))
  const all = ops.data?.instances ?? []
  const chosen = all.some(({ id }) => id === instance) ? instance : 'all'
  const shown: readonly HermesInstance[] = chosen === 'all' ? all : all.filter(({ id }) => id === chosen)
  return { ops, shown, chosen, choose: (value: string) => void setInstance(value === 'all' ? null : value) }
}

/** The last 24 snapshots that this browser saw. */
export function useTrends(data: HermesOps | undefined): readonly Trend[] {
  const [trends, setTrends] = useState<readonly Trend[]>([])
  useEffect(() => {
    if (data) setTrends((seen) => keepTrend(shelf, seen, trendOf(data)))
  }, [data])
  return trends
}

/** Reached for at each use: a browser that forbids storage throws already at its name. */
const shelf: Shelf = {
  getItem: (key) => window.localStorage.getItem(key),
  setItem: (key, value) => window.localStorage.setItem(key, value),
}
