import { expect } from 'vitest'

/** A request as an engine got it. */
export type Reached = { readonly line: string; readonly headers: readonly string[]; readonly body: string }

const filter = encodeURIComponent(
  '{"type":["container"],"event":["create","start","die","stop","kill","oom","pause","unpause","rename","destroy","restart","health_status","update"]}',
)
const second = '[0-9]{1,10}'
const templates = [
  'GET /version',
  'GET {V}/containers/json\\?all=1',
  'GET {V}/containers/{ID}/json',
  'GET {V}/containers/{ID}/stats\\?stream=false&one-shot=true',
  `GET {V}/containers/{ID}/logs\\?stdout=1&stderr=1&timestamps=1&tail=[0-9]{1,4}(&since=${second}(\\.[0-9]{9})?)?(&until=${second})?(&follow=1)?`,
  'POST {V}/containers/{ID}/restart\\?t=([0-9]|[1-5][0-9]|60)',
  `GET {V}/events\\?since=${second}&filters=${filter.replaceAll('.', '\\.')}`,
]
const heads = [
  ['host: docker', 'accept: application/json', 'Connection: keep-alive'],
  ['host: docker', 'accept: application/json', 'Connection: close'],
  ['host: docker', 'accept: application/json', 'content-length: 0', 'Connection: keep-alive'],
]

/** What is no request that docker-proxy makes by itself: another line, a header of somebody else's, a body. @param ids the containers that there are */
export function strangers(
  reached: readonly Reached[],
  { version, ids }: { readonly version: string; readonly ids: Iterable<string> },
): Reached[] {
  const known = new Set(ids)
  const patterns = templates.map(
    (template) =>
      new RegExp(`^${template.replace('{V}', `/v${version.replace('.', '\\.')}`).replace('{ID}', '([a-f0-9]{64})')} HTTP/1\\.1$`),
  )
  return reached.filter(({ line, headers, body }) => {
    const match = patterns.map((pattern) => pattern.exec(line)).find(Boolean)
    const id = /\/containers\/([a-f0-9]{64})\//.exec(line)?.[1]
    const post = line.startsWith('POST')
    const ours = heads.some((head) => head.join('\n') === headers.join('\n') && post === head.includes('content-length: 0'))
    return !match || !ours || body !== '' || (id !== undefined && !known.has(id))
  })
}

/** Every byte that was sent is one of these requests, and there are no others. */
export function expectNothingElse(bytes: string, reached: readonly Reached[]): void {
  const lengths = reached.map(({ line, headers }) => `${[line, ...headers].join('\r\n')}\r\n\r\n`.length)
  expect(bytes.length).toBe(lengths.reduce((sum, length) => sum + length, 0))
}
