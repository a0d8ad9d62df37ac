import type { SetAside } from '@console/audit-chain/log'
import { agreedRestores, type ReadForRestores, restoreIn } from '@console/audit-chain/verifier-restores'
import type { ChainState, LogName } from '@console/contracts/audit/schemas'
import type { LogSource } from './logs.ts'

/** How many rows behind what came back are looked at for the one that tells of it: a part records it at its start. */
const lookedAt = 50

type Asked = {
  readonly sources: readonly LogSource[]
  /** what the witnesses of this log set aside */
  readonly setAside: readonly SetAside[]
  /** logs that do not hold: they speak for no restore */
  readonly broken: ReadonlySet<LogName>
}

/** A log that holds, and of which others witnessed what a restore took away. The rule is the one of the stand-alone verifier. */
export async function judgeRestored(state: ChainState, { sources, setAside, broken }: Asked): Promise<ChainState> {
  const [aside] = setAside.toSorted((a, b) => b.checkpoint.size - a.checkpoint.size)
  const told = aside && restoreIn(aside.row)
  if (!told) return state
  const { at, by, backup, logs } = told.restore
  const reads = await Promise.all(
    sources.map((source) => readAround(source, logs[source.name])).map((read) => read.catch(() => 'away' as const)),
  )
  if (reads.includes('away'))
    return { ...state, state: 'away', problem: 'It tells of a restore, and another log that would have to tell of it does not answer.' }
  const agreed = agreedRestores(reads.filter((read) => read !== null && read !== 'away')).some(({ said }) => said === told.said)
  const { size, log } = aside.checkpoint
  if (!agreed || Object.keys(logs).some((name) => broken.has(name as LogName)))
    return {
      ...state,
      state: 'broken',
      firstBadSeq: (logs[log]?.rows ?? 0) + 1,
      problem: 'Rows that another log witnessed are gone. A restore is told of, and not all logs bear it out.',
    }
  const came = logs[log]
  const words = came
    ? `It came back with ${came.rows} rows; ${size - came.rows} more that host-agent had witnessed are gone.`
    : `It began anew on this host; the log that stayed on the host before had ${size} rows or more.`
  return { ...state, state: 'restored', problem: words, restored: { at, by, backup } }
}

/** The rows of a log where a restore put it back; null for one that it did not concern. */
async function readAround(
  source: LogSource,
  came: { readonly rows: number; readonly head: string } | undefined,
): Promise<ReadForRestores | null> {
  if (!came) return null
  const { rows } = await source.read(Math.max(0, came.rows - 1), lookedAt)
  const firstSeq = rows[0]?.seq ?? 1
  const restores = rows.flatMap((row) => {
    const told = restoreIn({ ...row, details: row.details ?? {} })
    return told ? [{ seq: row.seq, ...told }] : []
  })
  // What stood before the first row that is there is in no row.
  const headAt = (size: number): string | undefined => (size < firstSeq ? came.head : rows.find(({ seq }) => seq === size)?.hash)
  return { log: source.name, firstSeq, restores, headAt }
}
