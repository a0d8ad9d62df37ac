import { readdirSync, readFileSync } from 'node:fs'

/** Stands in the environment of every part, with the data folder as its value. Scripts never get it: their environment is made from scratch. */
export const partMark = 'CONSOLE_PART_OF'

const patienceMs = 10_000

/** Ends the parts of a launcher that was killed: they hold its ports and its stores. Only the holder of the lock may ask for this. */
export async function endLeftParts(dataDir: string, say: (line: string) => void): Promise<void> {
  let left = partsOn(dataDir)
  if (left.length === 0) return
  say(`waiting for ${left.length} parts of a console that was killed`)
  signal(left, 'SIGTERM')
  // One that was stopped ends as soon as it goes on.
  signal(left, 'SIGCONT')
  const until = performance.now() + patienceMs
  while (left.length > 0) {
    if (performance.now() > until) signal(left, 'SIGKILL')
    await new Promise((resolve) => setTimeout(resolve, 50))
    left = partsOn(dataDir)
  }
}

function partsOn(dataDir: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^[0-9]+$/.test(name) && Number(name) !== process.pid)
    .filter((name) => environmentOf(name).includes(`${partMark}=${dataDir}`))
    .map(Number)
}

/** Empty for what is gone, what is of another account, and what has ended and waits to be reaped. */
function environmentOf(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0')
  } catch {
    return []
  }
}

function signal(pids: readonly number[], name: NodeJS.Signals): void {
  for (const pid of pids)
    try {
      process.kill(pid, name)
    } catch {
      // It has ended meanwhile.
    }
}
