import { closeSync, constants, fstatSync, mkdirSync, openSync, readdirSync, readFileSync, statSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { AuditLog, NewRow } from './log.ts'
import { syncFolder, writeDurably } from './write-durably.ts'

/** A folder beside a log: what was done to a part from outside, by a program that may not write its log, waits there for the part. */
export const toldFolder = 'told'

type Told = NewRow & { readonly requestId: string }
const mostBytes = 8_192
const nameForm = /^[A-Za-z0-9-]{1,100}\.json$/

/**
 * Leaves a row for the part. It is on the disk when this returns; `requestId` makes it one, however often it is told.
 * @throws Error where the disk does not take it
 */
export function tellRow(folder: string, row: Told): void {
  const name = `${row.requestId}.json`
  if (!nameForm.test(name)) throw new TypeError(`no id for a row that is told: ${row.requestId}`)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  writeDurably(join(folder, name), JSON.stringify(row), 0o600)
}

type Watching = {
  readonly folder: string
  readonly log: Pick<AuditLog, 'append' | 'read'>
  readonly alarm: (what: string, error: unknown) => void
  /** Milliseconds between two looks. */
  readonly everyMs?: number
}

/**
 * Appends rows that were told, each once, at the start and now and then; a row stays told until it is on record. What is none is left where it is, and said.
 * Whoever writes there has the files of the part, its key among them: the row says that it was told.
 */
export async function watchToldRows({
  folder,
  log,
  alarm,
  everyMs = 30_000,
}: Watching): Promise<{ look(): Promise<void>; stop(): Promise<void> }> {
  const said = new Set<string>()
  const take = async (name: string): Promise<void> => {
    const row = rowIn(join(folder, name))
    const { rows } = await log.read({ order: 'desc', limit: 1, filter: { requestId: row.requestId } })
    if (rows.length === 0) await log.append(row)
    unlinkSync(join(folder, name))
    syncFolder(folder)
  }
  const lookOnce = async (): Promise<void> => {
    for (const name of namesIn(folder))
      await take(name).catch((error: unknown) => {
        if (said.has(name)) return
        said.add(name)
        alarm(`what was done from outside is not recorded yet: ${join(folder, name)}`, error)
      })
  }
  let turn: Promise<void> = Promise.resolve()
  const look = (): Promise<void> => {
    turn = turn.then(lookOnce)
    return turn
  }
  await look()
  const timer = setInterval(() => void look(), everyMs)
  timer.unref()
  return {
    look,
    async stop() {
      clearInterval(timer)
      await turn
    },
  }
}

/** In the order in which they were told. */
function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => nameForm.test(name))
      .map((name) => ({ name, at: statSync(join(folder, name), { bigint: true }).mtimeNs }))
      .sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))
      .map(({ name }) => name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

/** Only what a program may say of itself: a person is not spoken for. @throws Error for anything else */
function rowIn(path: string): Told {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  let text: string
  try {
    if (fstatSync(fd).size > mostBytes) throw new Error('It is larger than a row.')
    text = readFileSync(fd, 'utf8')
  } finally {
    closeSync(fd)
  }
  const { action, actor, requestId, target, outcome, code, details } = JSON.parse(text) as Told
  if (actor.kind !== 'service' || !nameForm.test(`${requestId}.json`)) throw new Error('It is no row of a program.')
  if (outcome !== 'done' && outcome !== 'failed') throw new Error('It has no outcome.')
  return {
    action,
    actor: { kind: 'service', id: actor.id },
    requestId,
    target,
    outcome,
    ...(code !== undefined && { code }),
    details: { ...details, told: true },
  }
}
