import type { AuditLog } from '@console/audit-chain/log'
import { onlyKeyIn } from '@console/tokens/key-files'
import type { Ask, DaemonClient } from '../../clients/daemon-client.ts'
import type { PlatformClient } from '../../clients/platform.ts'
import { createAuditView } from './audit.ts'
import { createCheckpointWebhook } from './checkpoint-webhook.ts'
import { startCourier } from './courier.ts'
import { createLastUses } from './last-uses.ts'
import { daemonLog, ownLog, platformLog } from './logs.ts'

type Deps = {
  readonly audit: AuditLog
  readonly keysDir: string
  readonly platform: PlatformClient
  readonly daemons: { readonly 'docker-proxy': DaemonClient; readonly 'host-agent': DaemonClient }
  readonly serviceAsk: () => Ask
  /** As whom an alarm is recorded. */
  readonly system: { readonly kind: 'service'; readonly id: string }
  /** Where checkpoints are posted outside; undefined for nowhere. */
  readonly webhookUrl: string | undefined
  readonly log: (message: string, error: unknown) => void
}

/** The four logs: how they are read together, and the courier between them, whose alarms are rows. */
export function watchLogs({ audit, keysDir, platform, daemons, serviceAsk, system, webhookUrl, log }: Deps) {
  const sources = [
    platformLog(platform),
    ownLog(audit, (other) => onlyKeyIn(keysDir, other)),
    daemonLog('docker-proxy', daemons['docker-proxy'], serviceAsk),
    daemonLog('host-agent', daemons['host-agent'], serviceAsk),
  ]
  const courier = startCourier({
    sources,
    now: Date.now,
    outside: webhookUrl === undefined ? null : createCheckpointWebhook({ url: webhookUrl, now: Date.now, log }),
    alarm: (target) =>
      void audit
        .append({
          action: 'audit.checkpoint.missing',
          actor: system,
          requestId: 'checkpoints',
          target,
          outcome: 'failed',
          code: 'not-received',
        })
        .catch((error: unknown) => log('an alarm could not be recorded', error)),
  })
  const view = createAuditView(sources)
  return { view, lastUses: createLastUses(() => view.rows({})), courier }
}
