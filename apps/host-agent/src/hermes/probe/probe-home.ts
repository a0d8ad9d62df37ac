/**
 * Reads one home of Hermes and prints what it found. It is started by host-agent under the account of the home's owner and
 * can do no more than that account; it writes nothing, starts nothing and opens no connection. `.env` and `auth.json` are never opened.
 */
import { writeSync } from 'node:fs'
import type { ToldLine } from './document.ts'
import { openHome } from './home-files.ts'
import { measureDisk } from './measure-disk.ts'
import { readJobs, readRuns, readTicker } from './read-cron.ts'
import { readGateway } from './read-gateway.ts'
import { memoryFacts, readMemory } from './read-memory.ts'
import { readSessions } from './read-sessions.ts'
import { readSettings } from './read-settings.ts'
import { readSkills } from './read-skills.ts'
import { budgetOf, reasonOf, section } from './section.ts'

tellOf(process.argv[2] ?? '', Date.now())

/** The databases come last: only they can take more time or memory than there is. */
function tellOf(path: string, nowMs: number): void {
  try {
    const files = openHome(path)
    const settings = readSettings(files)
    let used: number | null = null
    const memory = section('file', () =>
      readMemory(files, (characters) => {
        used = characters
      }),
    )
    const cron = section('file', () => readJobs(files))
    tell({
      v: 1,
      gateway: readGateway(files),
      memory,
      memoryFacts: memoryFacts(files, settings, used),
      cron,
      ticker: readTicker(files),
      skills: section('file', () => readSkills(files, settings, budgetOf(1_000))),
      disk: measureDisk(files, budgetOf(800)),
    })
    tell({ sessions: section('sqlite', () => readSessions(files)) })
    tell({ runs: readRuns(files, cron.items, nowMs) })
  } catch (error) {
    tell({ unknown: reasonOf(error) })
  }
}

/** Written before anything else is done. */
function tell(line: ToldLine): void {
  const bytes = Buffer.from(`${JSON.stringify(line)}\n`)
  for (let at = 0; at < bytes.length; ) at += writeSync(1, bytes, at)
}
