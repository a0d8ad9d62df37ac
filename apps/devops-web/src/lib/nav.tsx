import type { NavGroup } from '@console/console/navigation.ts'
import type { StatusKind } from '@console/ui/status.tsx'
import {
  Activity,
  BookLock,
  Bot,
  Boxes,
  BrainCircuit,
  ChartLine,
  Container,
  Gauge,
  HardDrive,
  KeyRound,
  ListChecks,
  Rocket,
  Server,
  Settings2,
} from 'lucide-react'
import type { ReactNode } from 'react'
import { paths } from './paths.ts'

type Count = { readonly n: number; readonly kind: StatusKind }
const icon = (Icon: typeof Gauge): ReactNode => <Icon className="ic" aria-hidden="true" />

/** The pages of this dashboard, with the key that opens each after G, and the counts of what deviates. */
export function navGroups(counts: {
  readonly services: Count
  readonly deployments: Count
  readonly containers: Count
  readonly vm: Count
  readonly agents: Count
}): NavGroup[] {
  return [
    { title: null, pages: [{ href: paths.overview, label: 'Overview', icon: icon(Gauge), key: 'o' }] },
    {
      title: 'Run',
      pages: [
        { href: paths.services, label: 'Services', icon: icon(Boxes), key: 's', count: counts.services },
        { href: paths.deployments, label: 'Deployments', icon: icon(Rocket), key: 'd', count: counts.deployments },
        { href: paths.health, label: 'Health', icon: icon(Activity), key: 'h' },
      ],
    },
    {
      title: 'Observe',
      pages: [
        { href: paths.containers, label: 'Containers', icon: icon(Container), key: 'c', count: counts.containers },
        { href: paths.metrics, label: 'Metrics', icon: icon(ChartLine), key: 'm' },
      ],
    },
    {
      title: 'Host',
      pages: [
        { href: paths.system, label: 'System', icon: icon(HardDrive), key: 'k' },
        { href: paths.vm, label: 'VM', icon: icon(Server), key: 'v', count: counts.vm },
        { href: paths.ollama, label: 'Ollama', icon: icon(BrainCircuit), key: 'n' },
      ],
    },
    { title: 'Agents', pages: [{ href: paths.hermes(), label: 'Hermes', icon: icon(Bot), key: 'e', count: counts.agents }] },
    {
      title: 'Assure',
      pages: [
        { href: paths.codeQuality, label: 'Code quality', icon: icon(ListChecks), key: 'q' },
        { href: paths.audit, label: 'Audit', icon: icon(BookLock), key: 'a' },
        { href: paths.privileges, label: 'Privileges', icon: icon(KeyRound), key: 'p' },
      ],
    },
    { title: 'Console', pages: [{ href: paths.settings, label: 'Settings', icon: icon(Settings2), key: ',' }] },
  ]
}
