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

/** One behind the other, so that taking one moves none. */
type Link<B> = { readonly block: B; next: Link<B> | null }

export function createBlockQueue<B extends Block>({ mostLines, mostChars }: Bounds = defaultBounds): BlockQueue<B> {
  let oldest: Link<B> | null = null
  let newest: Link<B> | null = null
  let lines = 0
  let chars = 0
  let skipped = 0
  const take = ({ block, next }: Link<B>): B => {
    oldest = next
    lines -= block.lines
    chars -= block.chars
    return block
  }
  return {
    push(block) {
      const link: Link<B> = { block, next: null }
      if (oldest && newest) newest.next = link
      else oldest = link
      newest = link
      lines += block.lines
      chars += block.chars
      while ((lines > mostLines || chars > mostChars) && oldest !== newest) skipped += take(oldest).lines
    },
    shift: () => (oldest ? take(oldest) : undefined),
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
