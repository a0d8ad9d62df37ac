import type { IncomingMessage } from 'node:http'
import { JsonRefused, parseStrictJson } from '@console/verbs/json-strict'
import { DaemonError } from './problem.ts'

/** Judges the head of a request by its raw bytes: one spelling is served, all others are refused. */
export function assertHead(request: IncomingMessage, mostBytes: number): void {
  const count = (name: string): number => request.rawHeaders.filter((header, at) => at % 2 === 0 && header.toLowerCase() === name).length
  const refuse = (status: number, code: string, message: string): never => {
    throw new DaemonError(code, status, message)
  }
  if (request.httpVersion !== '1.1') refuse(505, 'REQUEST_INVALID', 'Only HTTP/1.1 is spoken.')
  if (request.method !== 'POST') refuse(405, 'METHOD_NOT_ALLOWED', 'A verb is asked with POST.')
  if (count('host') !== 1 || count('content-type') !== 1 || count('authorization') > 1 || count('x-grant') > 1)
    refuse(400, 'REQUEST_INVALID', 'A header is missing or was sent twice.')
  if (request.headers['content-type'] !== 'application/json') refuse(415, 'CONTENT_TYPE_REFUSED', 'Only application/json is read.')
  if (request.headers['content-encoding'] !== undefined) refuse(415, 'CONTENT_TYPE_REFUSED', 'Compressed bodies are not read.')
  if (request.headers.upgrade !== undefined || request.headers.expect !== undefined)
    refuse(400, 'REQUEST_INVALID', 'Upgrade and Expect are not served.')
  const transfer = request.headers['transfer-encoding']
  if (transfer !== undefined && (transfer !== 'chunked' || request.headers['content-length'] !== undefined))
    refuse(400, 'REQUEST_INVALID', 'The length of the body is told in two ways.')
  if (Number(request.headers['content-length'] ?? 0) > mostBytes) refuse(413, 'BODY_TOO_LARGE', `The body is over ${mostBytes} bytes.`)
}

/** The whole body as strict JSON; over the limit means refused, never cut. */
export async function readBody(request: IncomingMessage, mostBytes: number): Promise<unknown> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > mostBytes) throw new DaemonError('BODY_TOO_LARGE', 413, `The body is over ${mostBytes} bytes.`)
    chunks.push(chunk)
  }
  const bytes = Buffer.concat(chunks)
  try {
    return parseStrictJson(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))
  } catch (error) {
    const message = error instanceof JsonRefused ? error.message : 'The body is not UTF-8.'
    throw new DaemonError('REQUEST_INVALID', 400, message)
  }
}
