import { connect, type Socket } from 'node:net'

/** One who follows a log whose lines begin with their numbers, and counts what it has and what it is told that it missed. */
export type LogFollower = {
  readonly seen: { lines: number; skipped: number; wrong: number; ended: string; next: number }
  /** Reads all that is still there, to the end. */
  hurry(): void
  leave(): void
}

/** @param pace as fast as it comes, or a kilobyte a second */
export function startFollower(socketPath: string, call: string, pace: 'fast' | 'slow'): LogFollower {
  const socket: Socket = connect(socketPath)
  const seen = { lines: 0, skipped: 0, wrong: 0, ended: '', next: -1 }
  let rest = ''
  const take = (chunk: Buffer): void => {
    const parts = `${rest}${chunk.toString('latin1')}`.split('\n')
    rest = parts.pop() ?? ''
    for (const part of parts) {
      // Between the lines stand the lengths of chunks.
      if (!part.startsWith('{')) continue
      const event = JSON.parse(part) as { text?: string; skipped?: number; ended?: string }
      if (event.skipped !== undefined) {
        seen.skipped += event.skipped
        if (seen.next >= 0) seen.next += event.skipped
      } else if (event.text !== undefined) {
        const number = Number(event.text.split(' ')[0])
        if (seen.next >= 0 && number !== seen.next) seen.wrong += 1
        seen.next = number + 1
        seen.lines += 1
      } else seen.ended = event.ended ?? seen.ended
    }
  }
  socket.on('error', () => undefined)
  socket.write(call)
  let dripping: NodeJS.Timeout | undefined
  if (pace === 'fast') socket.on('data', take)
  else {
    socket.pause()
    dripping = setInterval(() => {
      const some = socket.read(1_024) as Buffer | null
      if (some) take(some)
    }, 1_000)
  }
  return {
    seen,
    hurry() {
      clearInterval(dripping)
      if (pace === 'slow') socket.on('data', take).resume()
    },
    leave() {
      clearInterval(dripping)
      socket.destroy()
    },
  }
}
