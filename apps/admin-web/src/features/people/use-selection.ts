import { useConsole } from '@console/console/console-provider.tsx'
import { listUsers } from '@console/contracts/people/actions'
import type { User } from '@console/contracts/people/schemas'
import { useState } from 'react'
import type { usePeopleView } from './use-people-view.ts'

type Question = ReturnType<typeof usePeopleView>['question']
export type Picked = { readonly id: string; readonly name: string; readonly email: string }
/** All that match can be many: so many are taken at once. */
const most = 1_000
const perPage = 200

/** The people that were ticked, also on other pages of the same question; another question begins with none. */
export function useSelection({ sort, direction, ...filter }: Question) {
  const { client } = useConsole()
  const question = JSON.stringify(filter)
  const [state, setState] = useState({ question, picked: new Map<string, Picked>(), note: null as string | null })
  const [busy, setBusy] = useState(false)
  const here = state.question === question ? state : { question, picked: new Map<string, Picked>(), note: null }
  const keep = (picked: Map<string, Picked>, note: string | null = null) => setState({ question, picked, note })
  const tick = (people: readonly User[], on: boolean): void => {
    const next = new Map(here.picked)
    for (const user of people.filter(isPerson)) {
      if (on) next.set(user.id, pickedOf(user))
      else next.delete(user.id)
    }
    keep(next)
  }
  /** Asks for every page anew, so that it is who matches now; says who was left out. */
  const all = async (): Promise<void> => {
    setBusy(true)
    try {
      const next = new Map<string, Picked>()
      let invites = 0
      let total = 0
      let cursor: string | undefined
      do {
        const page = await client.call(listUsers, { query: { ...filter, sort, direction, limit: String(perPage), cursor } })
        total = page.total
        for (const user of page.items) {
          if (!isPerson(user)) invites += 1
          else if (next.size < most) next.set(user.id, pickedOf(user))
        }
        cursor = page.nextCursor ?? undefined
      } while (cursor !== undefined && next.size < most)
      const cut = cursor === undefined ? null : `the first ${next.size} of ${total} that match`
      const left = invites === 0 ? null : `${invites} ${invites === 1 ? 'invite is' : 'invites are'} left out`
      keep(next, [cut, left].filter(Boolean).join('; ') || null)
    } finally {
      setBusy(false)
    }
  }
  return {
    picked: here.picked,
    note: here.note,
    busy,
    tick,
    all,
    clear: () => keep(new Map()),
    /** What is left to do: whoever was done goes out of the selection. */
    keepOnly: (ids: ReadonlySet<string>) => keep(new Map([...here.picked].filter(([id]) => ids.has(id)))),
  }
}

/** An invite is changed by its own menu: nothing that is done to many fits it. */
export function isPerson({ status }: User): boolean {
  return status !== 'invited'
}

function pickedOf({ id, name, email }: User): Picked {
  return { id, name: name || email, email }
}
