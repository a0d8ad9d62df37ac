/** ISO 8601. Between which moments of this host it was read, and, by the clock of the store, when what was read was changed first and last. */
export type ExportBounds = { readonly readFrom: string; readonly readTo: string; readonly oldest?: string; readonly newest?: string }

/** Where an export notes its bounds, in the collection of the service's own notes. */
export const exportPartition = 'export'
