import { setImmediate as nextTurn } from 'node:timers/promises'
import type { ExportedPerson } from '@console/contracts/people/exchange'
import type { Context } from '@console/http-kit/context'
import { stringify } from 'csv-stringify/sync'
import { assertFreshFactor } from '../../identity/proof.ts'
import { textOfMemberships } from './membership-text.ts'
import type { PeopleDeps } from './people.ts'
import { type PeopleFilter, peopleInOrder } from './people-list.ts'
import { entriesOf } from './user-view.ts'

/** Columns of the table, in their order; an import knows them too. */
export const exportColumns = [
  'email',
  'name',
  'status',
  'memberships',
  'secondFactors',
  'lastSeenAt',
  'disabledReason',
  'disabledUntil',
  'createdAt',
  'id',
] as const satisfies readonly (keyof ExportedPerson)[]
/** Rows that are made before other requests have their turn. */
const atOnce = 200

/** Everybody who fits, as they are at this moment, in the order asked for; filter and count go on record with it. */
export function exportUsers(
  deps: PeopleDeps,
  ctx: Context,
  { format = 'csv', ...filter }: PeopleFilter & { readonly format?: 'csv' | 'json' | undefined },
): AsyncIterable<string> {
  assertFreshFactor(deps.signedIn(ctx.actor), deps.now())
  const found = peopleInOrder(entriesOf(deps), filter, deps.now())
  ctx.tell({ filter: Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined)), format, count: found.length })
  return inParts(found, format === 'csv' ? csv : json)
}

type Form = { readonly head: string; readonly foot: string; rows(people: readonly ExportedPerson[], isFirst: boolean): string }

async function* inParts(found: readonly { told(): ExportedPerson }[], { head, foot, rows }: Form): AsyncGenerator<string> {
  yield head
  for (let at = 0; at < found.length; at += atOnce) {
    const people = found.slice(at, at + atOnce).map((one) => one.told())
    yield rows(people, at === 0)
    await nextTurn()
  }
  yield foot
}

/** A cell that a spreadsheet would calculate begins with an apostrophe, which an import takes away again. */
const csv: Form = {
  head: stringify([[...exportColumns]]),
  foot: '',
  rows: (people) =>
    stringify(
      people.map((person) => {
        const cells = { ...person, memberships: textOfMemberships(person.memberships), secondFactors: person.secondFactors.join(' ') }
        return exportColumns.map((column) => cells[column] ?? '')
      }),
      { escape_formulas: true, quoted_string: true },
    ),
}
const json: Form = {
  head: '[',
  foot: '\n]\n',
  rows: (people, isFirst) => people.map((person, at) => `${isFirst && at === 0 ? '' : ','}\n${JSON.stringify(person)}`).join(''),
}
