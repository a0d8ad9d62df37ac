import type { DiskUse } from './measure-disk.ts'
import type { CronItem, Runs, Ticker } from './read-cron.ts'
import type { GatewayFacts } from './read-gateway.ts'
import type { MemoryFacts, MemoryItem } from './read-memory.ts'
import type { SessionItem } from './read-sessions.ts'
import type { SkillItem } from './read-skills.ts'
import type { Section } from './section.ts'

/** What the files of a home say. */
export type FilesTold = {
  readonly v: 1
  readonly gateway: GatewayFacts
  readonly memory: Section<MemoryItem>
  readonly memoryFacts: MemoryFacts
  readonly cron: Section<Omit<CronItem, 'runs'>>
  readonly ticker: Ticker
  readonly skills: Section<SkillItem>
  readonly disk: DiskUse
}
/**
 * A look is told in lines of JSON, what may take long last: whoever waits no longer keeps what was told until then. Runs are those of the
 * jobs before, in their order.
 */
export type ToldLine =
  | FilesTold
  | { readonly unknown: string }
  | { readonly sessions: Section<SessionItem> }
  | { readonly runs: readonly Runs[] | null }

/** What one look at a home says. */
export type ProbeDocument = Omit<FilesTold, 'cron'> & { readonly cron: Section<CronItem>; readonly sessions: Section<SessionItem> }
