import { type Block, type Bounds, defaultBounds } from './block-queue.ts'

/** The newest blocks of a source, for those who come later; the oldest go first. */
export type RecentBlocks<B extends Block> = {
  add(block: B): void
  /** All that are kept, at this moment. */
  all(): readonly B[]
  readonly lines: number
  /** Whether nothing has gone yet. */
  readonly whole: boolean
}

export function createRecentBlocks<B extends Block>({ mostLines, mostChars }: Bounds = defaultBounds): RecentBlocks<B> {
  const blocks: B[] = []
  let lines = 0
  let chars = 0
  let whole = true
  return {
    add(block) {
      blocks.push(block)
      lines += block.lines
      chars += block.chars
      while ((lines > mostLines || chars > mostChars) && blocks.length > 1) {
        const gone = blocks.shift()
        lines -= gone?.lines ?? 0
        chars -= gone?.chars ?? 0
        whole = false
      }
    },
    all: () => [...blocks],
    get lines() {
      return lines
    },
    get whole() {
      return whole
    },
  }
}
