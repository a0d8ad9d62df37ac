import type { devopsBackups } from '@console/contracts/backups/actions'

/** Of either service; they are alike but for ids and address. */
export type Backups = typeof devopsBackups
