import { parseStrictJson } from '@console/verbs/json-strict'
import type { FilesTold, ProbeDocument } from './probe/document.ts'
import type { Bodies } from './probe/read-bodies.ts'
import type { Runs } from './probe/read-cron.ts'
import { type Reason, reasons } from './probe/section.ts'
import { count, instant, lines, list, object, one, orNull, section, version, words, wrong, yesNo } from './probe-shapes.ts'

/**
 * What a probe printed, held against one shape: exactly these fields, each of its kind and length. It ran as an account that may have
 * written anything into those files, so that its answer is a stranger's. Texts come out without control sequences and with secrets covered.
 * @param missing why a part is unknown that was not printed, since the probe was ended before
 * @returns the reason where nothing is known of the whole home
 */
export function checkDocument(text: string, missing: Reason): ProbeDocument | Reason {
  try {
    // What follows the last end of a line is half of one.
    const [first, second, third, ...more] = text.split('\n').slice(0, -1).map(parseStrictJson)
    if (first === undefined) return missing
    if (more.length > 0) throw wrong()
    if (typeof first === 'object' && first !== null && 'unknown' in first) return one(reasons)(first.unknown)
    const told = filesTold(first) as FilesTold
    const { sessions } = second === undefined ? { sessions: unread(missing) } : (sessionsTold(second) as Pick<ProbeDocument, 'sessions'>)
    const { runs } = third === undefined ? { runs: null } : (runsTold(third) as { runs: readonly Runs[] | null })
    if (runs !== null && runs.length !== told.cron.items.length) throw wrong()
    const items = told.cron.items.map((job, at) => ({ ...job, runs: runs?.[at] ?? null }))
    return { ...told, cron: { ...told.cron, items }, sessions }
  } catch {
    return 'bad_output'
  }
}

function unread(reason: Reason): ProbeDocument['sessions'] {
  return { status: 'unknown', source: 'sqlite', reason, items: [], total: 0, truncated: false, durationMs: 0 }
}

/** The same of a probe of memory, which prints all in one line. */
export function checkBodies(text: string, missing: Reason): Bodies | Reason {
  try {
    const [first, ...more] = text.split('\n').slice(0, -1).map(parseStrictJson)
    if (first === undefined) return missing
    if (more.length > 0) throw wrong()
    if (typeof first === 'object' && first !== null && 'unknown' in first) return one(reasons)(first.unknown)
    return bodies(first) as Bodies
  } catch {
    return 'bad_output'
  }
}

const session = object({
  id: words(100),
  title: orNull(words(200)),
  source: words(40),
  model: orNull(words(200)),
  messages: orNull(count),
  startedAt: orNull(instant),
  lastActivityAt: orNull(instant),
  ended: yesNo,
})
const cronJob = object({
  id: words(64),
  name: words(200),
  schedule: orNull(words(100)),
  state: one(['scheduled', 'paused', 'completed', 'error']),
  lastRunAt: orNull(instant),
  lastStatus: orNull(words(40)),
  lastError: orNull(words(300)),
  lastDeliveryError: orNull(words(300)),
  nextRunAt: orNull(instant),
  failureStreak: orNull(count),
  delivers: orNull(words(200)),
})
const skill = object({
  name: words(200),
  category: orNull(words(100)),
  description: orNull(words(300)),
  version: orNull(words(40)),
  provenance: one(['hub', 'bundled', 'local']),
  disabled: yesNo,
  uses: orNull(count),
  lastUsedAt: orNull(instant),
  reason: orNull(one(reasons)),
})
const platform = object({
  name: words(40),
  state: words(40),
  errorCode: orNull(words(60)),
  updatedAt: orNull(instant),
  needsAttention: yesNo,
})

const filesTold = object({
  v: version,
  gateway: object({
    status: one(['up', 'unknown']),
    reason: orNull(one(reasons)),
    state: orNull(words(40)),
    pid: orNull(count),
    startTicks: orNull(count),
    updatedAt: orNull(instant),
    activeAgents: orNull(count),
    platforms: list(40, platform),
  }),
  memory: section('file', 200, object({ file: one(['MEMORY.md']), entry: count, characters: count, lines: count })),
  memoryFacts: object({
    usedCharacters: orNull(count),
    limitCharacters: count,
    externalProvider: orNull(words(32)),
    userFile: orNull(yesNo),
  }),
  cron: section('file', 200, cronJob),
  ticker: object({ heartbeatAt: orNull(instant), successAt: orNull(instant) }),
  skills: section('file', 300, skill),
  disk: object({ totalBytes: count, parts: list(8, object({ name: words(60), bytes: count })), cut: yesNo }),
})
const sessionsTold = object({ sessions: section('sqlite', 50, session) })
const runsTold = object({ runs: orNull(list(200, object({ completed: count, failed: count }))) })

const body = section('file', 200, object({ entry: count, text: lines(65_536) }))
const bodies = object({ v: version, memory: body, user: body })
