import type { As } from '@console/testkit/daemon-harness'
import fc from 'fast-check'

/** One request that somebody sends: bytes with a mark where the token stands, in pieces. */
export type Mutated = { readonly as: As; readonly pieces: readonly string[] }

/** Stands for the token, so that few changes fall into it: a token that was changed is only ever refused. */
export const tokenMark = '{T}'

/** Calls of every verb that asks the engine something, and of two that do not. */
const callsOf = (id: string, [first = '', second = '', third = '']: readonly string[]): readonly (readonly [string, string])[] => [
  ['containers.list', '{}'],
  ['containers.list', '{"state":"running"}'],
  ['containers.inspect', `{"container":"${first}"}`],
  ['containers.stats', `{"container":"${first}"}`],
  ['containers.stats', `{"container":"${id}"}`],
  ['containers.logs', `{"container":"${first}","tail":5}`],
  ['containers.logs', `{"container":"${second}","tail":1,"since":1,"until":2,"streams":"stderr"}`],
  ['containers.logs', `{"container":"${second}","follow":true}`],
  ['containers.restart', `{"container":"${third}","waitSec":0}`],
  ['containers.restart', `{"container":"${second}"}`],
  ['events', '{}'],
  ['engine.info', '{}'],
  ['journal.read', '{"after":0,"limit":1}'],
]
const targets = [
  '/containers/json',
  '/v1.41/containers/{ID}/json',
  '/v1.41/containers/{ID}/kill',
  '/v1.41/containers/{ID}/exec',
  '/v1/../v1.41/info',
  '/v1/containers.stats?container=alpha',
  '/v1/containers.restart/../containers.stats',
  '/v1/%63ontainers.stats',
  'http://docker/v1/containers.stats',
  '*',
  '//v1/containers.stats',
  '/_ping',
]
const headers = [
  'transfer-encoding: chunked',
  'transfer-encoding: xchunked',
  'Transfer-Encoding : chunked',
  'content-length: 0',
  'content-length: 5',
  'content-length: +5',
  'content-type: application/x-www-form-urlencoded',
  'content-type: text/plain',
  'content-encoding: gzip',
  'upgrade: tcp',
  'connection: upgrade',
  'connection: keep-alive',
  'expect: 100-continue',
  'x-http-method-override: DELETE',
  'x-original-url: /v1.41/containers/create',
  'x-registry-auth: canary',
  'x-canary: canary',
  'host: docker',
  'host: evil.test',
  'accept: application/vnd.docker.raw-stream',
  'authorization: Basic canary',
  'x-grant: canary',
  'te: trailers',
  'trailer: x-canary',
  ' folded',
  'x\0y: z',
]
const fragments = [
  '\r\n\r\n',
  '\n',
  '\r',
  '\0',
  '%2e%2e/',
  '../',
  '?t=0&signal=KILL',
  '&follow=1',
  '#',
  ';',
  '"',
  '\\u0000',
  '","container":"beta',
  ',"signal":"KILL"',
  '"__proto__":{}',
  '{"all":1}',
  '0\r\n\r\n',
  '5\r\n{"a":\r\n',
  'GET /v1.41/info HTTP/1.1\r\nhost: docker\r\n\r\n',
  'POST /v1.41/containers/{ID}/kill HTTP/1.1\r\nhost: docker\r\ncontent-length: 0\r\n\r\n',
  '\xff\xfe',
  'canary',
]
const methods = ['GET', 'PUT', 'DELETE', 'HEAD', 'PATCH', 'OPTIONS', 'CONNECT', 'TRACE', 'post', 'POST ']
const versions = ['HTTP/1.0', 'HTTP/2.0', 'HTTP/1.1 ', 'HTTP/0.9', '']

type Edit = (bytes: string) => string
const place = fc.double({ min: 0, max: 0.999_999, noNaN: true })
const at = (bytes: string, where: number): number => Math.floor(where * (bytes.length + 1))
const between = (head: string, more: string): string => head.replace('\r\n', `\r\n${more}\r\n`)

const edits = (calls: ReturnType<typeof callsOf>): fc.Arbitrary<Edit> =>
  fc.oneof(
    fc.constantFrom(...headers).map((line) => (bytes: string) => between(bytes, line)),
    fc.constantFrom(...headers).map((line) => (bytes: string) => bytes.replace('\r\n\r\n', `\r\n${line}\r\n\r\n`)),
    fc.constantFrom(...targets).map((target) => (bytes: string) => bytes.replace(/^(\S+) \S*/, `$1 ${target}`)),
    fc.constantFrom(...methods).map((method) => (bytes: string) => bytes.replace(/^\S+/, method)),
    fc.constantFrom(...versions).map((version) => (bytes: string) => bytes.replace('HTTP/1.1', version)),
    fc.tuple(place, fc.constantFrom(...fragments)).map(([where, piece]) => (bytes: string) => {
      const index = at(bytes, where)
      return bytes.slice(0, index) + piece + bytes.slice(index)
    }),
    fc.tuple(place, fc.nat(255)).map(([where, byte]) => (bytes: string) => {
      const index = at(bytes, where)
      return bytes.slice(0, index) + String.fromCharCode(byte) + bytes.slice(index + 1)
    }),
    fc.tuple(place, fc.nat(20)).map(([where, length]) => (bytes: string) => {
      const index = at(bytes, where)
      return bytes.slice(0, index) + bytes.slice(index + length)
    }),
    fc.tuple(place, fc.constantFrom(...fragments)).map(
      ([where, piece]) =>
        (bytes: string) =>
          withBody(bytes, (body) => {
            const index = at(body, where)
            return body.slice(0, index) + piece + body.slice(index)
          }),
    ),
    fc.constantFrom(...fragments).map((piece) => (bytes: string) => bytes + piece),
    fc.constantFrom(...calls).map(
      ([verb, args]) =>
        (bytes: string) =>
          bytes + request(verb, args),
    ),
  )

/** Calls that are right but for none to four changes, sent whole or in two pieces. @param id the full id of a container, beside names of three */
export function mutatedRequest(id: string, names: readonly string[]): fc.Arbitrary<Mutated> {
  const calls = callsOf(id, names)
  return fc
    .record({
      as: fc.constantFrom<As>('service', 'admin', 'operator', 'viewer'),
      call: fc.constantFrom(...calls),
      changes: fc.array(edits(calls), { maxLength: 4 }),
      split: fc.option(place, { freq: 3 }),
    })
    .map(({ as, call: [verb, args], changes, split }) => {
      const bytes = changes.reduce((before, change) => change(before), request(verb, args)).replaceAll('{ID}', id)
      const index = split === null ? bytes.length : at(bytes, split)
      return { as, pieces: [bytes.slice(0, index), bytes.slice(index)].filter(Boolean) }
    })
}

function request(verb: string, args: string): string {
  const lines = [
    `POST /v1/${verb} HTTP/1.1`,
    'host: docker-proxy',
    'content-type: application/json',
    `authorization: Bearer ${tokenMark}`,
    `content-length: ${args.length}`,
  ]
  return `${lines.join('\r\n')}\r\n\r\n${args}`
}

/** Another body, with its own length told. */
function withBody(bytes: string, change: Edit): string {
  const end = bytes.indexOf('\r\n\r\n')
  if (end < 0) return bytes
  const body = change(bytes.slice(end + 4))
  return `${bytes.slice(0, end).replace(/content-length: \d+/, `content-length: ${body.replaceAll('{ID}', 'x'.repeat(64)).length}`)}\r\n\r\n${body}`
}
