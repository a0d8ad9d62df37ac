import type { BulkDeed } from '@console/contracts/people/schemas'

type Words = {
  readonly item: string
  readonly title: (who: string) => string
  readonly button: (who: string) => string
  readonly sub: string
  readonly risky: boolean
}

/** What is said of each deed to many. */
export const bulkWords: Readonly<Record<BulkDeed, Words>> = {
  disable: {
    item: 'Disable…',
    title: (who) => `Disable ${who}?`,
    button: (who) => `Disable ${who}`,
    sub: 'Every session of theirs ends within seconds. The last active platform admin stays.',
    risky: true,
  },
  enable: {
    item: 'Enable…',
    title: (who) => `Let ${who} sign in again?`,
    button: (who) => `Enable ${who}`,
    sub: 'No session of before comes back.',
    risky: false,
  },
  endSessions: {
    item: 'End every session…',
    title: (who) => `End every session of ${who}?`,
    button: (who) => `End the sessions of ${who}`,
    sub: 'They can sign in again at once.',
    risky: true,
  },
  requireReset: {
    item: 'Require a new password…',
    title: (who) => `Require a new password of ${who}?`,
    button: (who) => `Require it of ${who}`,
    sub: 'Their sessions end, and they get in again by a link alone: mailed, or made by an admin for each.',
    risky: true,
  },
  setMembership: {
    item: 'Give access…',
    title: (who) => `Give ${who} access to a product`,
    button: (who) => `Give ${who} access`,
    sub: 'Whoever has a role there already gets this one instead.',
    risky: false,
  },
  removeMembership: {
    item: 'Take access away…',
    title: (who) => `Take access to a product from ${who}?`,
    button: (who) => `Take it from ${who}`,
    sub: 'Whoever has no role there is told among the refused.',
    risky: true,
  },
}

export function peopleCount(n: number): string {
  return `${n} ${n === 1 ? 'person' : 'people'}`
}
