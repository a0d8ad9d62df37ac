import { dashboardManifest } from '@console/console/dashboard-manifest.ts'

export const dynamic = 'force-static'

export default function manifest() {
  return dashboardManifest('Platform Admin', 'Admin', 'People, their access and their sessions.', [
    { name: 'People', url: '/people' },
    { name: 'Sessions', url: '/sessions' },
  ])
}
