import type { Migration } from '@console/store/migrations'

/** Changes of stored documents, oldest first. None so far: what was added could be read with a default. */
export const migrations: readonly Migration[] = []
