import { join } from 'node:path'
import { AppError } from '@console/http-kit/problem'
import type { DocStore } from '@console/store/port'
import { createSecretBox } from '@console/tokens/secret-box'
import type { openClients } from './clients/open-clients.ts'
import { collections } from './collections.ts'
import type { Config } from './config.ts'
import type { AgentKeyDoc } from './documents.ts'
import type { Log } from './log.ts'
import type { AgentKeyDeps } from './modules/hermes/signals/agent-keys.ts'
import { openSignalDesk } from './modules/hermes/signals/signal-desk.ts'

type Deps = {
  readonly config: Pick<Config, 'encryptionKeys'>
  readonly clients: Pick<ReturnType<typeof openClients>, 'agent' | 'askAs'>
  readonly store: DocStore
  readonly dir: string
  readonly now: () => Date
  readonly log: Log
}

/** What agents hand in, and the keys that they sign it with. */
export function openSignals({ config, clients, store, dir, now, log }: Deps) {
  const { agent, askAs } = clients
  const desk = openSignalDesk({ dir: join(dir, 'series/signals'), now: Date.now, log: (message, error) => log('error', message, error) })
  const agentKeys: AgentKeyDeps = {
    keys: store.collection<AgentKeyDoc>(collections.agentKeys),
    box: createSecretBox(config.encryptionKeys, 'keys of agents v1'),
    desk,
    assertInstance: async (instance, ctx) => {
      const { instances } = await agent.hermesOps(askAs(ctx))
      if (instances.some(({ id }) => id === instance)) return
      throw new AppError('HERMES_INSTANCE_NOT_FOUND', 404, `No instance of Hermes on this host is called ${instance}.`)
    },
    now,
  }
  const ingest = { keys: agentKeys.keys, box: agentKeys.box, desk, nowMs: Date.now }
  return { desk, agentKeys, ingest }
}
