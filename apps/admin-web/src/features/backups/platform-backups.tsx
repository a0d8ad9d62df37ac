'use client'
import { BackupsPage } from '@console/console/backups-page.tsx'
import { platformBackups } from '@console/contracts/backups/actions'
import { parseAsString, useQueryState } from 'nuqs'
import { paths } from '../../lib/paths.ts'

/** Backups of people, products and memberships. */
export function PlatformBackups() {
  const [restoring, setRestoring] = useQueryState('restore', parseAsString)
  return (
    <BackupsPage
      actions={platformBackups}
      section="Platform Admin"
      restoring={restoring}
      onRestoring={(id) => void setRestoring(id)}
      auditOf={paths.auditOf}
    />
  )
}
