/** Some lines of a log that travel together; what they hold besides is the caller's. */
export type Block = { readonly lines: number; readonly chars: number }
/** Blocks that wait for a reader, bounded by lines and by size: what is oldest goes first, and is counted. */
export type BlockQueue<B extends Block> = {
  push(block: B): void
  shift(): B | undefined
  /** How many lines went unread since this was asked last. */
  takeSkipped(): number
  /** Half full: what one more read of the source brings still finds room. */
  readonly behind: boolean
}
export type Bounds = { readonly mostLines: number; readonly mostChars: number }

export const defaultBounds: Bounds = { mostLines: 5_000, mostChars: 2_097_152 }

export function createBlockQueue<B extends Block>({ mostLines, mostChars }: Bounds = defaultBounds): BlockQueue<B> {
  let blocks: B[] = []
  let first = 0
  let lines = 0
  let chars = 0
  let skipped = 0
  const shift = (): B | undefined => {
    const block = blocks[first]
    if (!block) return undefined
    first += 1
    // Moved together now and then, so that taking one never moves all the others.
    if (first > 256 && first * 2 > blocks.length) {
      blocks = blocks.slice(first)
      first = 0
    } else blocks[first - 1] = undefined as never
    lines -= block.lines
    chars -= block.chars
    return block
  }
  return {
    push(block) {
      blocks.push(block)
      lines += block.lines
      chars += block.chars
      while ((lines > mostLines || chars > mostChars) && blocks.length - first > 1) skipped += shift()?.lines ?? 0
    },
    shift,
    takeSkipped() {
      const count = skipped
      skipped = 0
      return count
    },
    get behind() {
      return lines >= mostLines / 2 || chars >= mostChars / 2
    },
  }
}
