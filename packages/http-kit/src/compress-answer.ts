import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { takesGzip } from './event-writer.ts'

/** Below this it fits into a packet or two as it is. */
const leastChars = 2_048
const compress = promisify(gzip)

/**
 * Compresses what a read answers, where the reader takes that. Reads alone: what tells who is signed in, and every token, is an answer of
 * another kind, and goes out as it is, so that no size tells of a secret.
 */
export async function compressAnswer(request: FastifyRequest, reply: FastifyReply, payload: unknown): Promise<unknown> {
  if (typeof payload !== 'string' || payload.length < leastChars || reply.statusCode !== 200) return payload
  if (request.routeOptions.config?.risk !== 'read' || reply.hasHeader('content-encoding')) return payload
  const vary = reply.getHeader('vary')
  reply.header('vary', vary === undefined ? 'Accept-Encoding' : `${String(vary)}, Accept-Encoding`)
  if (!takesGzip(request.headers['accept-encoding'])) return payload
  const bytes = await compress(payload, { level: 4 })
  reply.header('content-encoding', 'gzip').removeHeader('content-length')
  return bytes
}
