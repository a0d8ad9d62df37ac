import type { Handled } from '@console/verb-kit/handler'
import { createOllama } from './ask-ollama.ts'
import { openOllamaDesk } from './ollama-verbs.ts'
import type { Pull } from './pulls.ts'
import type { Loaded, Model } from './read-models.ts'

type ListAnswer = {
  readonly at: string
  readonly version: string
  readonly watchedSince: string
  readonly models: readonly (Model & { readonly lastSeenLoadedAt: string | null })[]
  readonly loaded: readonly Loaded[]
  readonly left: number
  readonly pulls: readonly Pull[]
}
type Plan = { readonly name: string; readonly modelDigest: string; readonly freesBytes: number; readonly sharedWith: readonly string[] }
type Row = {
  readonly action: string
  readonly target?: string
  readonly outcome: string
  readonly code?: string
  readonly details?: object
}
type Options = {
  readonly dir: string
  readonly port: number
  readonly now?: () => Date
  readonly limits?: Parameters<typeof createOllama>[1]
  readonly registries?: readonly string[]
  readonly watchMs?: number
}
export type TestDesk = ReturnType<typeof openDeskAt>

/** The verbs of Ollama without the daemon around them, asked by one person. */
export function openDeskAt({ dir, port, now, limits = {}, registries = ['registry.ollama.ai'], watchMs }: Options) {
  const rows: Row[] = []
  const noted: string[] = []
  const desk = openOllamaDesk({
    dir,
    port,
    registries,
    ollama: createOllama(port, limits),
    journal: { append: async (row) => ({ seq: rows.push(row as Row) }) as never },
    log: (_level, msg) => void noted.push(msg),
    ...(now && { now }),
    ...(watchMs !== undefined && { watchMs }),
  })
  const ask = async <T>(id: string, args: object): Promise<T> => {
    const { run } = desk.verbs.find(({ verb }) => verb.id === id) as Handled
    return (await run(args as never, { caller: { kind: 'person', id: 'user-1' }, requestId: 'r1' } as never)) as T
  }
  return {
    rows,
    noted,
    ask,
    list: () => ask<ListAnswer>('ollama.list', {}),
    plan: (name: string) => ask<{ plan: Plan; digest: string }>('ollama.plan', { name }),
    delete: (name: string, digest: string) => ask<object>('ollama.delete', { name, digest }),
    pull: (name: string) => ask<{ pull: Pull }>('ollama.pull', { name }),
    cancel: (pullId: string) => ask<{ pull: Pull }>('ollama.cancel', { pullId }),
    stop: desk.stop,
  }
}
