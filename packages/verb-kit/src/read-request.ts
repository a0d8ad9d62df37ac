import type { IncomingMessage } from 'node:http'
import { JsonRefused, parseStrictJson } from '@console/verbs/json-strict'
import { DaemonError } from './problem.ts'

const mostHeaders = 100
const mostTarget = 8_192

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const brokenBodies = new WeakMap<IncomingMessage, DaemonError>()
const bodyBroken = Symbol('body broken')

/** Tells whoever reads this body, now or later, that what comes as it is none. */
export function breakBody(request: IncomingMessage, why: DaemonError): void {
  brokenBodies.set(request, why)
  request.emit(bodyBroken, why)
}

/** Judges the head of a request by its raw bytes: one spelling is served, all others are refused. */
export function assertHead(request: IncomingMessage, mostBytes: number): void {
  const count = (name: string): number => request.rawHeaders.filter((header, at) => at % 2 === 0 && header.toLowerCase() === name).length
  const refuse = (status: number, code: string, message: string): never => {
    throw new DaemonError(code, status, message)
  }
  if (request.rawHeaders.length > 2 * mostHeaders) refuse(431, 'HEAD_TOO_LARGE', `More than ${mostHeaders} headers were sent.`)
  if ((request.url ?? '').length > mostTarget) refuse(414, 'HEAD_TOO_LARGE', `The target is over ${mostTarget} bytes.`)
  if (request.httpVersion !== '1.1') refuse(505, 'REQUEST_INVALID', 'Only HTTP/1.1 is spoken.')
  if (request.method !== 'POST') refuse(405, 'METHOD_NOT_ALLOWED', 'A verb is asked with POST.')
  if (!request.url?.startsWith('/')) refuse(400, 'REQUEST_INVALID', 'The target must be a path.')
  if (!/^[A-Za-z0-9][A-Za-z0-9.-]{0,99}$/.test(request.headers.host ?? '')) refuse(400, 'REQUEST_INVALID', 'The host must be a plain name.')
  if (count('host') !== 1 || count('authorization') > 1 || count('x-grant') > 1)
    refuse(400, 'REQUEST_INVALID', 'A header is missing or was sent twice.')
  if (count('content-type') !== 1 || request.headers['content-type'] !== 'application/json')
    refuse(415, 'CONTENT_TYPE_REFUSED', 'Only application/json is read.')
  if (request.headers['content-encoding'] !== undefined) refuse(415, 'CONTENT_TYPE_REFUSED', 'Compressed bodies are not read.')
  if (request.headers.expect !== undefined) refuse(417, 'REQUEST_INVALID', 'Expect is not served.')
  if (request.headers.upgrade !== undefined) refuse(400, 'REQUEST_INVALID', 'Upgrade is not served.')
  const transfer = request.headers['transfer-encoding']
  if (transfer !== undefined && (transfer !== 'chunked' || request.headers['content-length'] !== undefined))
    refuse(400, 'REQUEST_INVALID', 'The length of the body is told in two ways.')
  if (Number(request.headers['content-length'] ?? 0) > mostBytes) refuse(413, 'BODY_TOO_LARGE', `The body is over ${mostBytes} bytes.`)
}

/** The whole body as strict JSON; over the limit means refused, never cut. */
export async function readBody(request: IncomingMessage, mostBytes: number): Promise<unknown> {
  const bytes = await bytesOf(request, mostBytes)
  try {
    return parseStrictJson(utf8.decode(bytes))
  } catch (error) {
    const message = error instanceof JsonRefused ? error.message : 'The body is not UTF-8.'
    throw new DaemonError('REQUEST_INVALID', 400, message)
  }
}

/** Not `for await`: leaving that early destroys the connection, and with it the answer that says why. */
function bytesOf(request: IncomingMessage, mostBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const broken = brokenBodies.get(request)
    if (broken) return reject(broken)
    const chunks: Buffer[] = []
    let size = 0
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size <= mostBytes) return void chunks.push(chunk)
      chunks.length = 0
      reject(new DaemonError('BODY_TOO_LARGE', 413, `The body is over ${mostBytes} bytes.`))
    })
    request.once('end', () => resolve(Buffer.concat(chunks)))
    request.once('error', reject)
    request.once(bodyBroken, reject)
    // Every request closes; only one that is not whole pays for an error.
    request.once('close', () => request.complete || reject(new Error('the body ended early')))
  })
}
