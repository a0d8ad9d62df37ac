import type { AuditFile } from './audit-fs.ts'
import type { Segment } from './segments.ts'
import { meansFull } from './unavailable.ts'

/** The open end of the last segment, behind which rows are written. */
export type SegmentEnd = {
  /** False when somebody else has written here, cut the file, or removed it. */
  readonly isOurs: () => Promise<boolean>
  /** Writes behind the last row and makes it durable; then the segment is so much longer. */
  readonly add: (bytes: Buffer) => Promise<void>
  /** Makes the file end at the last row, unless it is no longer ours. */
  readonly trim: () => Promise<void>
  readonly datasync: () => Promise<void>
  readonly close: () => Promise<void>
}

/** How far room is made ahead; a batch of half of that or more makes its own. */
const stepBytes = 64 * 1024

/**
 * Rows go into room of zeros that was written ahead: to make a row durable, the disk then writes the row alone and not the file's new length
 * as well, which takes about as long again. A row never holds a NUL, so that room is never taken for one. `mostBytes` is where a segment is sealed.
 */
export function createSegmentEnd(file: AuditFile, segment: Segment, mostBytes: number): SegmentEnd {
  /** where the file ends; from the last row to there it holds zeros */
  let end = segment.size
  /** a failed write may have left bytes of rows that are not on record */
  let spoilt = false

  async function isOurs(): Promise<boolean> {
    const { size, links } = await file.stat()
    return size === end && links > 0 && (end === segment.size || (await file.blankAt(segment.size)))
  }

  async function grow(bytes: Buffer): Promise<void> {
    const to = segment.size + bytes.length
    const ahead = bytes.length >= stepBytes / 2 ? to : Math.min(Math.ceil(to / stepBytes) * stepBytes, mostBytes)
    try {
      end = Math.max(to, ahead)
      await file.write(Buffer.concat([bytes], end - segment.size), segment.size)
    } catch (error) {
      if (!meansFull(error) || end === to) throw error
      // The row may still fit where the room does not.
      await file.truncate(segment.size)
      end = to
      await file.write(bytes, segment.size)
    }
  }

  return {
    isOurs,
    async add(bytes) {
      spoilt = true
      if (segment.size + bytes.length <= end) await file.write(bytes, segment.size)
      else await grow(bytes)
      await file.datasync()
      spoilt = false
      segment.size += bytes.length
    },
    async trim() {
      if (!spoilt && (end === segment.size || !(await isOurs()))) return
      await file.truncate(segment.size)
      end = segment.size
      spoilt = false
    },
    datasync: file.datasync,
    close: file.close,
  }
}
