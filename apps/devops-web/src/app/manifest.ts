import { dashboardManifest } from '@console/console/dashboard-manifest.ts'

export const dynamic = 'force-static'

export default function manifest() {
  return dashboardManifest('ByteLyst DevOps', 'DevOps', 'Services, deployments, containers and their logs of one host.', [
    { name: 'Deployments', url: '/deployments' },
    { name: 'Containers', url: '/containers' },
    { name: 'Health', url: '/health' },
  ])
}
