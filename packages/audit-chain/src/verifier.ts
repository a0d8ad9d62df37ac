import type { KeyObject } from 'node:crypto'
import { type Claimed, signed } from './verifier-claims.ts'
import { hashAt, headAt, type LogFolder, type Read, readLog, type VerifyResult } from './verifier-read.ts'
import { type AgreedRestore, agreedRestores, explains, findingsOf, stillStanding } from './verifier-restores.ts'

export type { Claimed } from './verifier-claims.ts'
export type { LogFolder, Problem, VerifyResult } from './verifier-read.ts'
export type { RestoredFinding } from './verifier-restores.ts'

// It and its parts stand alone: nothing of the writer is used, so that one mistake cannot hide in both. They read files and never write.

/** A checkpoint that is held outside the log: in which row of which other one. */
type Said = { readonly by: string; readonly seq: number; readonly checkpoint: Claimed }

/** Checks one log by itself: rows, order, segments, its own checkpoints. Cuts and new beginnings need {@link verifyLogs}. */
export async function verifyLog(folder: LogFolder): Promise<VerifyResult> {
  return (await readLog(folder)).result
}

/**
 * Checks several logs and holds each against the checkpoints that the others, and `copies` (kept outside, one a line of the webhook's record),
 * have of it. Two different statements about one size are a problem of the log that made them, whichever of them it bears out.
 * What a restore explains that all logs were told of is told apart, as long as each of them holds.
 */
export async function verifyLogs(
  folders: readonly LogFolder[],
  copies: readonly { by: string; checkpoint: Claimed }[] = [],
): Promise<VerifyResult[]> {
  const reads: Read[] = []
  for (const folder of folders) reads.push(await readLog(folder))
  // Logs that are being written: one may have grown and been witnessed since it was read.
  for (const [index, { result }] of reads.entries()) {
    const claimed = Math.max(
      ...reads.flatMap((other) => other.witnessed.map(({ checkpoint }) => (checkpoint.log === result.log ? checkpoint.size : 0))),
      0,
    )
    if (claimed > result.size) reads[index] = { ...(await readLog(folders[index] as LogFolder)), witnessed: reads[index]?.witnessed ?? [] }
  }
  const judged = (restores: readonly AgreedRestore[]): VerifyResult[] =>
    reads.map((read, index) => {
      const { log, publicKey } = folders[index] as LogFolder
      const said = [
        ...reads.flatMap((other) => (other === read ? [] : other.witnessed.map((one) => ({ by: other.result.log, ...one })))),
        // A copy says when it was signed, and not when it came: it is taken to have come last.
        ...copies.map((copy) => ({ ...copy, seq: Number.POSITIVE_INFINITY })),
      ].filter(({ checkpoint }) => checkpoint.log === log)
      return holdAgainst(read, said, { publicKey, restores })
    })
  const told = reads.map((read) => ({ ...read.result, restores: read.restores, headAt: (size: number) => headAt(read, size) }))
  for (let restores = agreedRestores(told); ; ) {
    const results = judged(restores)
    const standing = stillStanding(restores, new Set(results.flatMap(({ ok, log }) => (ok ? [] : [log]))))
    if (standing.length === restores.length) return results
    restores = standing
  }
}

function holdAgainst(
  read: Read,
  said: readonly Said[],
  { publicKey, restores }: { readonly publicKey: KeyObject; readonly restores: readonly AgreedRestore[] },
): VerifyResult {
  const { result } = read
  const { log, size } = result
  const problems = [...result.problems]
  const explained: Parameters<typeof findingsOf>[1][number][] = []
  let anchoredTo = 0
  for (const { by, seq, checkpoint } of said) {
    const wrong = contradictionOf(read, checkpoint, publicKey)
    if (wrong === undefined) {
      if (checkpoint.size >= result.firstSeq - 1) anchoredTo = Math.max(anchoredTo, checkpoint.size)
      continue
    }
    const [kind, message] = wrong
    const restore = explains(restores, { checkpoint, by, seq, kind })
    if (restore !== undefined) explained.push({ checkpoint, by, seq, kind, restore })
    else problems.push({ log, seq: Math.min(checkpoint.size, size + 1), kind, message: `${message} (checkpoint held by ${by})` })
  }
  const restored = findingsOf(log, explained)
  return { ...result, problems, restored, ok: problems.length === 0, anchoredTo, unanchored: size - anchoredTo }
}

/** In which way a log does not bear out what it once signed. */
function contradictionOf(read: Read, checkpoint: Claimed, publicKey: KeyObject): readonly [kind: string, message: string] | undefined {
  const { firstSeq, size, genesis } = read.result
  if (!signed(checkpoint, publicKey)) return ['checkpoint-signature', `a checkpoint of size ${checkpoint.size} is not signed by this log`]
  if (checkpoint.genesis !== genesis) return ['genesis', 'the log is another one than was witnessed']
  if (checkpoint.size > size) return ['cut', `the log ends at row ${size}, but once had ${checkpoint.size}`]
  if (checkpoint.size < firstSeq - 1) return undefined
  if (
    checkpoint.size === 0
      ? checkpoint.head !== genesis
      : checkpoint.size >= firstSeq && hashAt(read.hashes, checkpoint.size - firstSeq) !== checkpoint.head
  )
    return ['rewritten', `row ${checkpoint.size} is not the one that was witnessed: it or an earlier one was changed`]
  return undefined
}
