import type { HomeFiles } from './home-files.ts'
import { parseJson } from './parse-json.ts'
import { countOf, instantOf, type Reason, reasonOf, textOf, Unreadable } from './section.ts'

/** What the gateway last wrote about itself. Whether it still lives is for who reads this to find out: the file outlives it. */
export type GatewayFacts = {
  readonly status: 'up' | 'unknown'
  readonly reason: Reason | null
  readonly state: string | null
  readonly pid: number | null
  /** In clock ticks since the machine began, as in /proc: a number that is given out again begins at another time. */
  readonly startTicks: number | null
  readonly updatedAt: string | null
  readonly activeAgents: number | null
  readonly platforms: readonly {
    readonly name: string
    readonly state: string
    readonly errorCode: string | null
    readonly updatedAt: string | null
    readonly needsAttention: boolean
  }[]
}

const none = { state: null, pid: null, startTicks: null, updatedAt: null, activeAgents: null, platforms: [] } as const

export function readGateway(files: HomeFiles): GatewayFacts {
  try {
    const text = files.text('gateway_state.json', 262_144)
    const value = parseJson(text)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Unreadable('schema')
    const told = value as Record<string, unknown>
    const platforms = typeof told.platforms === 'object' && told.platforms !== null ? Object.entries(told.platforms) : []
    return {
      status: 'up',
      reason: null,
      state: textOf(told.gateway_state, 40),
      pid: countOf(told.pid),
      startTicks: countOf(told.start_time),
      updatedAt: instantOf(told.updated_at),
      activeAgents: countOf(told.active_agents),
      platforms: platforms.slice(0, 40).map(([name, entry]) => {
        const row = (typeof entry === 'object' && entry !== null ? entry : {}) as Record<string, unknown>
        return {
          name: name.slice(0, 40).toWellFormed(),
          state: textOf(row.state, 40) ?? 'unknown',
          errorCode: textOf(row.error_code, 60),
          updatedAt: instantOf(row.updated_at),
          needsAttention: row.needs_attention === true,
        }
      }),
    }
  } catch (error) {
    return { status: 'unknown', reason: reasonOf(error), ...none }
  }
}
