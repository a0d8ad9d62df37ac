import type { PaletteEntry } from '@console/console/navigation.ts'
import type { Run } from '@console/contracts/deployments/schemas'
import type { Container } from '@console/contracts/docker/schemas'
import type { HealthState } from '@console/contracts/health/schemas'
import { Glyph, toneOf } from '@console/ui/status.tsx'
import { Boxes, BrushCleaning, Rocket, ShieldCheck, SunMoon } from 'lucide-react'
import { containerStatus } from '../../lib/container-words.ts'
import { paths } from '../../lib/paths.ts'
import { healthKind, runStatus } from '../../lib/run-words.ts'

type Known = {
  readonly services: readonly { readonly id: string; readonly health: HealthState }[]
  readonly runs: readonly Run[]
  readonly containers: readonly Container[]
  /** Why a service cannot be registered, a script approved or a cleanup planned; null when it can. */
  readonly whyNoRegister: string | null
  readonly whyNoApprove: string | null
  readonly whyNoCleanup: string | null
  readonly whyNoVmCleanup: string | null
  readonly switchTheme: () => void
}

const mark = (kind: Parameters<typeof toneOf>[0]) => (
  <span className={`fg ${toneOf(kind)}`}>
    <Glyph kind={kind} />
  </span>
)

/** What the palette finds beside the pages: services, runs and containers with their state, and the deeds of this dashboard. */
export function paletteEntries({
  services,
  runs,
  containers,
  whyNoRegister,
  whyNoApprove,
  whyNoCleanup,
  whyNoVmCleanup,
  switchTheme,
}: Known): PaletteEntry[] {
  return [
    ...services.map(({ id, health }) => ({
      group: 'Services',
      label: id,
      detail: health,
      icon: mark(healthKind[health]),
      href: paths.service(id),
    })),
    ...runs.map((run) => {
      const { kind, word } = runStatus(run)
      return {
        group: 'Runs',
        label: `${run.serviceName} #${run.number}`,
        detail: word,
        icon: mark(kind),
        href: paths.deployment(run.id),
      }
    }),
    ...containers.map((container) => {
      const { kind, word } = containerStatus(container)
      return { group: 'Containers', label: container.name, detail: word, icon: mark(kind), href: paths.containerLog(container.name) }
    }),
    ...services.map(({ id }) => ({
      group: 'Actions',
      label: `Deploy ${id}…`,
      icon: <Rocket className="ic" aria-hidden="true" />,
      href: paths.service(id),
    })),
    {
      group: 'Actions',
      label: 'Register a service',
      icon: <Boxes className="ic" aria-hidden="true" />,
      href: paths.registerService,
      disabledReason: whyNoRegister,
    },
    {
      group: 'Actions',
      label: 'Approve a script',
      icon: <ShieldCheck className="ic" aria-hidden="true" />,
      href: paths.scripts,
      disabledReason: whyNoApprove,
    },
    {
      group: 'Actions',
      label: 'Plan a cleanup of Docker',
      icon: <BrushCleaning className="ic" aria-hidden="true" />,
      href: paths.system,
      disabledReason: whyNoCleanup,
    },
    {
      group: 'Actions',
      label: 'Plan a cleanup of the VM',
      icon: <BrushCleaning className="ic" aria-hidden="true" />,
      href: paths.planVmCleanup,
      disabledReason: whyNoVmCleanup,
    },
    { group: 'Actions', label: 'Switch theme', icon: <SunMoon className="ic" aria-hidden="true" />, keys: 'T', run: switchTheme },
  ]
}
