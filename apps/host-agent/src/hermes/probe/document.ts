import type { DiskUse } from './measure-disk.ts'
import type { CronItem, Ticker } from './read-cron.ts'
import type { GatewayFacts } from './read-gateway.ts'
import type { MemoryFacts, MemoryItem } from './read-memory.ts'
import type { SessionItem } from './read-sessions.ts'
import type { SkillItem } from './read-skills.ts'
import type { Section } from './section.ts'

/** What one look at a home says. */
export type ProbeDocument = {
  readonly v: 1
  readonly gateway: GatewayFacts
  readonly memory: Section<MemoryItem>
  readonly memoryFacts: MemoryFacts
  readonly cron: Section<CronItem>
  readonly ticker: Ticker
  readonly sessions: Section<SessionItem>
  readonly skills: Section<SkillItem>
  readonly disk: DiskUse
}
