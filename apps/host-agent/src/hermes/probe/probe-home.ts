/**
 * Reads one home of Hermes and prints what it found as one document. It is started by host-agent under the account of the home's owner and
 * can do no more than that account; it writes nothing, starts nothing and opens no connection. `.env` and `auth.json` are never opened.
 */
import type { ProbeDocument } from './document.ts'
import { openHome } from './home-files.ts'
import { measureDisk } from './measure-disk.ts'
import { readCron, readTicker } from './read-cron.ts'
import { readGateway } from './read-gateway.ts'
import { memoryFacts, readMemory } from './read-memory.ts'
import { readSessions } from './read-sessions.ts'
import { readSettings } from './read-settings.ts'
import { readSkills } from './read-skills.ts'
import { budgetOf, reasonOf, section } from './section.ts'

process.stdout.write(JSON.stringify(probe(process.argv[2] ?? '', Date.now())))

function probe(path: string, nowMs: number): ProbeDocument | { v: 1; unknown: string } {
  try {
    const files = openHome(path)
    const settings = readSettings(files)
    let used: number | null = null
    const memory = section('file', () =>
      readMemory(files, (characters) => {
        used = characters
      }),
    )
    return {
      v: 1,
      gateway: readGateway(files),
      memory,
      memoryFacts: memoryFacts(files, settings, used),
      cron: section('file', () => readCron(files, nowMs)),
      ticker: readTicker(files),
      sessions: section('sqlite', () => readSessions(files)),
      skills: section('file', () => readSkills(files, settings, budgetOf(1_000))),
      disk: measureDisk(files, budgetOf(800)),
    }
  } catch (error) {
    return { v: 1, unknown: reasonOf(error) }
  }
}
