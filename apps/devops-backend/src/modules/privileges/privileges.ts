import type { Action } from '@console/contracts/action'
import { allActions } from '@console/contracts/all-actions'
import type { LastUse, VerbRow } from '@console/contracts/privileges/actions'
import { allVerbs } from '@console/verbs/all'
import { dockerProxySelf, hostAgentSelf } from '@console/verbs/daemon'
import type { Arg, Daemon, Verb } from '@console/verbs/verb'
import { z } from 'zod'
import type { Ask, DaemonClient } from '../../clients/daemon-client.ts'

export type PrivilegeDeps = {
  readonly daemons: { readonly [name in Daemon]: DaemonClient }
  readonly serviceAsk: () => Ask
  readonly warnings: readonly string[]
  /** By daemon and verb. */
  readonly lastUses: () => Promise<ReadonlyMap<string, LastUse>>
}
const Told = z.object({ version: z.string(), warnings: z.array(z.string()), verbs: z.array(z.looseObject({ id: z.string() })) })

/** Everything that can touch the host, and beside it what each daemon says of itself. */
export async function listPrivileges({ daemons, serviceAsk, warnings, lastUses }: PrivilegeDeps) {
  const asked = Promise.all(
    (['docker-proxy', 'host-agent'] as const).map(async (name) => {
      const self = name === 'docker-proxy' ? dockerProxySelf : hostAgentSelf
      const answer = await daemons[name].call(self.listVerbs, {}, serviceAsk()).then(
        (value) => Told.safeParse(value).data ?? null,
        () => null,
      )
      return { name, answer, differs: answer ? differences(name, answer.verbs) : [] }
    }),
  )
  const [told, uses] = await Promise.all([asked, lastUses()])
  const items = allVerbs.map((verb): VerbRow => {
    const daemon = told.find(({ name }) => name === verb.daemon)
    return {
      ...rowOf(verb),
      daemonAgrees: daemon?.answer ? !daemon.differs.includes(verb.id) : null,
      lastUse: uses.get(`${verb.daemon} ${verb.id}`) ?? null,
    }
  })
  return {
    items,
    nextCursor: null,
    daemons: told.map(({ name, answer, differs }) => ({
      name,
      state: answer ? ('up' as const) : ('away' as const),
      version: answer?.version ?? null,
      warnings: answer?.warnings ?? [],
      differs,
    })),
    backendVerbs: 0 as const,
    warnings: [...warnings],
  }
}

/** Verbs of which the daemon says something else than the registry here, in either direction. */
function differences(name: Daemon, said: readonly { id: string }[]): string[] {
  const ours = new Map<string, Verb>(allVerbs.filter(({ daemon }) => daemon === name).map((verb) => [verb.id, verb]))
  const strange = said.filter(({ id }) => !ours.has(id)).map(({ id }) => id)
  const differing = [...ours.values()]
    .filter((verb) => JSON.stringify(said.find(({ id }) => id === verb.id)) !== JSON.stringify(verb))
    .map(({ id }) => id)
  return [...strange, ...differing]
}

/** A row as the page and the reference show it. */
export function rowOf(verb: Verb): Omit<VerbRow, 'daemonAgrees' | 'lastUse'> {
  const { id, daemon, risk, role, service, limits, runs } = verb
  const args = Object.entries(verb.args).map(([name, arg]) => ({ name, is: arg.is, rule: ruleOf(arg), optional: arg.optional === true }))
  const names = (action: Action): boolean => action.verb === verb || action.reads.includes(verb)
  return {
    id,
    daemon,
    risk,
    role,
    service,
    grant: risk === 'destroy',
    recorded: risk !== 'read' || verb.recorded === true,
    args,
    limits: limits.map((limit) => ({ ...limit })),
    runs,
    actions: allActions.filter(names).map((action) => action.id),
  }
}

function ruleOf(arg: Arg): string {
  if (arg.is === 'int') return `${arg.min} to ${arg.max}`
  if (arg.is === 'enum') return arg.of.join(', ')
  if (arg.is === 'text') return `${arg.min} to ${arg.max} characters`
  if (arg.is === 'list') return `at most ${arg.max}`
  if (arg.is === 'values') return `at most ${arg.max}, ${arg.maxBytes} bytes each`
  return {
    ref: 'whole name or full id',
    digest: '64 hex digits',
    id: 'letters, digits, - and _',
    model: 'name of a model',
    bool: 'true or false',
  }[arg.is]
}
