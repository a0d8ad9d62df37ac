const mib = 1_048_576

/** What backups leave of a disk to what else lies on it, the audit log first of all: a twentieth, 16 MiB at least and 1 GiB at most. In bytes. */
export function keptFree(diskBytes: number): number {
  return Math.max(16 * mib, Math.min(1_024 * mib, diskBytes / 20))
}
