/**
 * Reads what one agent remembers and prints it as one document. It is started as the probe of a home is, for an admin who asks and only where
 * the host opens it, and may read the folder of memories alone.
 */
import { openHome } from './home-files.ts'
import { type Bodies, readBodies } from './read-bodies.ts'
import { reasonOf } from './section.ts'

process.stdout.write(`${JSON.stringify(probe(process.argv[2] ?? ''))}\n`)

function probe(folder: string): Bodies | { unknown: string } {
  try {
    return readBodies(openHome(folder))
  } catch (error) {
    const reason = reasonOf(error)
    // The home is there; it is this folder that is not yet.
    return { unknown: reason === 'not_installed' ? 'not_initialised' : reason }
  }
}
