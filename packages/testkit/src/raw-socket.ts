import { connect } from 'node:net'

export type RawAnswer = {
  readonly status: number
  /** By lower-case name; the last of several of one name. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** Every byte that came back, as latin1. */
  readonly text: string
  /** How many answers stand in it: more than one where a second request was served on the connection. */
  readonly answers: number
  /** Whether the other side ended the connection before the time was up. */
  readonly closed: boolean
}
export type Exchange = {
  readonly socketPath?: string
  readonly port?: number
  /** Sent as they stand, piece by piece, with a pause between pieces. Text is latin1. */
  readonly bytes: string | Buffer | readonly (string | Buffer)[]
  readonly pauseMs?: number
  /** How long nothing may come before the talk is taken as over. */
  readonly quietMs?: number
  readonly timeoutMs?: number
  /** Ends as soon as what came satisfies this. */
  readonly enough?: (text: string) => boolean
}

/** Sends exact bytes and returns what came back until the other side closes, says `enough`, is quiet, or the time is up. */
export function exchange({
  socketPath,
  port,
  bytes,
  pauseMs = 5,
  quietMs = 1_000,
  timeoutMs = 10_000,
  enough,
}: Exchange): Promise<RawAnswer> {
  const pieces = typeof bytes === 'string' || Buffer.isBuffer(bytes) ? [bytes] : bytes
  return new Promise((resolve) => {
    const socket = socketPath === undefined ? connect(port ?? 0, '127.0.0.1') : connect(socketPath)
    let text = ''
    let closed = false
    let quiet: NodeJS.Timeout | undefined
    const done = (): void => {
      clearTimeout(limit)
      clearTimeout(quiet)
      socket.destroy()
      resolve(readAnswer(text, closed))
    }
    const limit = setTimeout(done, timeoutMs)
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
      if (enough?.(text)) return done()
      clearTimeout(quiet)
      quiet = setTimeout(done, quietMs)
    })
    socket.on('error', () => undefined)
    socket.once('close', () => {
      closed = true
      done()
    })
    socket.once('connect', async () => {
      for (const piece of pieces) {
        if (socket.destroyed) return
        socket.write(typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece)
        await new Promise((next) => setTimeout(next, pauseMs))
      }
    })
  })
}

function readAnswer(text: string, closed: boolean): RawAnswer {
  const [head = '', ...rest] = text.split('\r\n\r\n')
  const [first = '', ...lines] = head.split('\r\n')
  const headers = lines.map((line) => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const
  })
  return {
    status: Number(/^HTTP\/1\.[01] (\d{3})/.exec(first)?.[1] ?? 0),
    headers: Object.fromEntries(headers),
    body: rest.join('\r\n\r\n'),
    text,
    answers: text.match(/HTTP\/1\.[01] \d{3} /g)?.length ?? 0,
    closed,
  }
}

/** The bytes of one HTTP/1.1 request that asks for the connection to be closed. Headers go out in this order, as often as they are listed. */
export function requestBytes({
  method = 'POST',
  target,
  headers,
  body,
}: {
  readonly method?: string
  readonly target: string
  readonly headers: readonly (readonly [string, string])[]
  readonly body?: string
}): string {
  const length: [string, string][] = body === undefined ? [] : [['content-length', String(Buffer.byteLength(body))]]
  const lines = [...headers, ...length, ['connection', 'close'] as const].map(([name, value]) => `${name}: ${value}\r\n`)
  return Buffer.from(`${method} ${target} HTTP/1.1\r\n${lines.join('')}\r\n${body ?? ''}`).toString('latin1')
}
