import { type SelfFigures, SelfFigures as Shape } from '@console/contracts/apm/schemas'
import { dockerProxySelf, hostAgentSelf } from '@console/verbs/daemon'
import type { Daemon } from '@console/verbs/verb'
import { z } from 'zod'
import type { Ask, DaemonClient } from './daemon-client.ts'

const Told = z.object({ process: Shape })

/** What a daemon says that its own process uses. @throws Error in words for people where it says nothing of that, as an older one does */
export async function daemonFigures(name: Daemon, client: DaemonClient, ask: Ask): Promise<SelfFigures> {
  const self = name === 'docker-proxy' ? dockerProxySelf : hostAgentSelf
  const told = Told.safeParse(await client.call(self.listVerbs, {}, ask))
  if (!told.success) throw new Error(`${name} does not tell what it uses; it may be of an older version.`)
  return told.data.process
}
