export type ServerEvent = { readonly event: string; readonly data: string; readonly id: string | null }

/**
 * Reads server-sent events (WHATWG HTML, 9.2.6) from a body, at any chunking. `heard` is told of every chunk, pings included.
 * `retry` is passed over: how long to wait is the caller's business.
 */
export async function* readEvents(body: ReadableStream<Uint8Array>, heard: () => void = () => undefined): AsyncIterable<ServerEvent> {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  let rest = ''
  let event = ''
  let id: string | null = null
  let data: string[] = []
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      heard()
      rest += decoder.decode(value, { stream: true })
      const lines = rest.split(/\r\n|\n|\r(?!$)/)
      rest = lines.pop() ?? ''
      for (const line of lines) {
        if (line === '') {
          if (data.length > 0) yield { event: event || 'message', data: data.join('\n'), id }
          event = ''
          data = []
        } else if (!line.startsWith(':')) {
          const at = line.indexOf(':')
          const name = at < 0 ? line : line.slice(0, at)
          const text = at < 0 ? '' : line.slice(at + 1).replace(/^ /, '')
          if (name === 'event') event = text
          else if (name === 'data') data.push(text)
          else if (name === 'id' && !text.includes('\0')) id = text
        }
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined)
  }
}
