import { DaemonError } from '@console/verb-kit/problem'

export type RawLine = { readonly stream: 'out' | 'err'; readonly bytes: Buffer; readonly cut: boolean }
/** Takes bytes as they come and gives whole lines. `end` gives what is left. */
export type LineSplitter = { push(chunk: Buffer): RawLine[]; end(): RawLine[] }

const longestLine = 16_384
const longestFrame = 1_048_576

/**
 * Lines of a container's log. With a terminal the bytes stand as they are; without one they come in frames of an 8-byte head
 * (stream, three zeros, length; Docker Engine API, "Stream format"). Which of both is told by the container, never guessed:
 * a program on a terminal can print a head.
 */
export function createSplitter(tty: boolean): LineSplitter {
  const lines = { out: createLines('out'), err: createLines('err') }
  if (tty) return { push: (chunk) => lines.out.push(chunk), end: () => lines.out.end() }
  let head = Buffer.alloc(0)
  let left = 0
  let stream: 'out' | 'err' = 'out'
  return {
    push(chunk) {
      const found: RawLine[] = []
      let at = 0
      while (at < chunk.length) {
        if (left === 0 && head.length === 0 && chunk.length - at >= 8) {
          ;({ stream, left } = readHead(chunk.subarray(at, at + 8)))
          at += 8
          continue
        }
        if (left === 0) {
          const part = chunk.subarray(at, at + 8 - head.length)
          head = Buffer.concat([head, part])
          at += part.length
          if (head.length < 8) break
          ;({ stream, left } = readHead(head))
          head = Buffer.alloc(0)
          continue
        }
        const part = chunk.subarray(at, at + left)
        for (const line of lines[stream].push(part)) found.push(line)
        at += part.length
        left -= part.length
      }
      return found
    },
    end: () => [...lines.out.end(), ...lines.err.end()],
  }
}

function readHead(head: Buffer): { stream: 'out' | 'err'; left: number } {
  const kind = head[0] ?? 255
  const left = head.readUInt32BE(4)
  if (kind > 2 || head[1] !== 0 || head[2] !== 0 || head[3] !== 0 || left > longestFrame)
    throw new DaemonError('DOCKER_ENGINE_ERROR', 502, 'The Docker engine sent a log frame that is not understood.')
  return { stream: kind === 2 ? 'err' : 'out', left }
}

/** A line over 16 KiB is cut there; the rest of it is passed over, not kept. */
function createLines(stream: 'out' | 'err'): LineSplitter {
  let parts: Buffer[] = []
  let size = 0
  let over = false
  const take = (bytes: Buffer): void => {
    const room = longestLine - size
    if (bytes.length > room) over = true
    const kept = bytes.subarray(0, Math.max(0, room))
    if (kept.length > 0) parts.push(Buffer.from(kept))
    size += kept.length
  }
  const flush = (): RawLine => {
    const line = { stream, bytes: Buffer.concat(parts), cut: over }
    parts = []
    size = 0
    over = false
    return line
  }
  return {
    push(chunk) {
      const found: RawLine[] = []
      let at = 0
      for (let end = chunk.indexOf(10, at); end >= 0; end = chunk.indexOf(10, at)) {
        // Most lines stand whole in what came, and need no copy.
        if (size === 0 && !over && end - at <= longestLine) found.push({ stream, bytes: chunk.subarray(at, end), cut: false })
        else {
          take(chunk.subarray(at, end))
          found.push(flush())
        }
        at = end + 1
      }
      if (at < chunk.length) take(chunk.subarray(at))
      return found
    },
    end: () => (size > 0 || over ? [flush()] : []),
  }
}
