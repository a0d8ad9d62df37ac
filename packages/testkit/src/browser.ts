import { request } from 'node:http'
import { request as requestOverTls } from 'node:https'

/** What was answered, as deep as a test wants to look. */
type Body = { readonly [name: string]: Body }
export type Answer = {
  readonly status: number
  readonly body: Body
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly setCookies: readonly string[]
  readonly text: string
}
export type Call = {
  readonly body?: object | string
  readonly headers?: Readonly<Record<string, string | undefined>>
  readonly cookies?: string
}
export type Browser = {
  readonly jar: Map<string, { value: string; path: string }>
  csrf: string
  call(method: string, path: string, call?: Call): Promise<Answer>
  get(path: string): Promise<Answer>
  post(path: string, body?: object, headers?: Call['headers']): Promise<Answer>
  /** The cookies that a browser would send to a path. */
  cookiesFor(path: string): string
  cookie(name: string): string
}
/** The name that a gateway on loopback knows an API by, and the certificate that is believed. */
export type Over = { readonly host: string; readonly ca: string }
/** An API on loopback: its port, the prefix of its routes, the origin of the page that calls it, the address that calls, and its name where it is behind a gateway. */
export type Api = { readonly port: number; readonly prefix: string; readonly origin: string; readonly from?: string; readonly over?: Over }

/** Calls an API as a page in a browser does: cookies by path, Origin, and the CSRF token that the API handed out last. Two APIs share a jar. */
export function newBrowser({ port, prefix, origin, from, over }: Api, jar: Browser['jar'] = new Map()): Browser {
  const cookiesFor = (path: string) =>
    [...jar]
      .filter(([, { path: under }]) => `${path}/`.startsWith(under === '/' ? '/' : `${under}/`))
      .map(([name, { value }]) => `${name.split(' ')[0]}=${value}`)
      .join('; ')
  const browser: Browser = {
    jar,
    csrf: '',
    cookiesFor,
    cookie: (name) => [...jar].find(([key]) => key.startsWith(name))?.[1].value ?? '',
    async call(method, path, { body, headers = {}, cookies } = {}) {
      const url = path.startsWith(`${prefix}/`) ? path : `${prefix}${path}`
      const cookie = cookies ?? cookiesFor(url)
      const unsafe = method === 'GET' ? {} : { origin, 'x-csrf-token': browser.csrf, 'content-type': 'application/json' }
      const answer = await send(port, method, url, {
        ...(body !== undefined && { body }),
        ...(from !== undefined && { from }),
        ...(over !== undefined && { over }),
        headers: { ...unsafe, ...(cookie !== '' && { cookie }), ...headers },
      })
      for (const line of answer.setCookies) keep(jar, line)
      if (answer.body.csrfToken) browser.csrf = String(answer.body.csrfToken)
      return answer
    },
    get: (path) => browser.call('GET', path),
    post: (path, body, headers) => browser.call('POST', path, { ...(body && { body }), ...(headers && { headers }) }),
  }
  return browser
}

/** Keeps or drops a cookie, as a line of Set-Cookie says. */
export function keep(jar: Browser['jar'], line: string): void {
  const [pair = '', ...attributes] = line.split('; ')
  const path = attributes.find((attribute) => attribute.startsWith('Path='))?.slice('Path='.length) ?? '/'
  const [name = '', value = ''] = [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]
  if (attributes.includes('Max-Age=0')) jar.delete(`${name} ${path}`)
  else jar.set(`${name} ${path}`, { value, path })
}

/** One request over a socket of its own; what is undefined among the headers is left out. */
export function send(
  port: number,
  method: string,
  path: string,
  { body, headers = {}, from, over }: Omit<Call, 'cookies'> & { readonly from?: string; readonly over?: Over } = {},
): Promise<Answer> {
  const text = typeof body === 'string' ? body : body === undefined ? undefined : JSON.stringify(body)
  const wanted = Object.entries({
    host: over?.host ?? `localhost:${port}`,
    ...(text !== undefined && { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(text)) }),
    ...headers,
  }).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return new Promise((resolve, reject) => {
    const to = { host: '127.0.0.1', port, ...(from !== undefined && { localAddress: from }) }
    const tls = over && { servername: over.host, ca: over.ca }
    const ask = over ? requestOverTls : request
    const call = ask({ ...to, ...tls, method, path, headers: Object.fromEntries(wanted), agent: false }, (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.once('error', reject)
      answer.once('end', () => {
        const got = Buffer.concat(chunks).toString()
        resolve({
          status: answer.statusCode ?? 0,
          body: /[/+]json/.test(answer.headers['content-type'] ?? '') ? (JSON.parse(got) as Body) : {},
          headers: answer.headers,
          setCookies: answer.headers['set-cookie'] ?? [],
          text: got,
        })
      })
    })
    call.once('error', reject)
    call.end(text)
  })
}
