/** Runs something and then what clears up after it, also where the program is told to end in between. */
export async function cleanly(run: () => Promise<void>, clear: () => Promise<void> | void): Promise<void> {
  let cleared: Promise<void> | null = null
  const clearOnce = (): Promise<void> => {
    cleared ??= Promise.resolve(clear())
    return cleared
  }
  const stop = (): void => void clearOnce().finally(() => process.exit(1))
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, stop)
  try {
    await run()
  } finally {
    await clearOnce()
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.off(signal, stop)
  }
}
