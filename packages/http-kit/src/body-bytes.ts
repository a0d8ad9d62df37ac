import type { IncomingHttpHeaders } from 'node:http'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import type { BytesSpec } from '@console/contracts/action'
import type { FastifyRequest } from 'fastify'
import { AppError } from './problem.ts'

const inflate = promisify(gunzip)

/** @throws AppError CONTENT_TYPE_REFUSED for a body of another type or coding than the action takes */
export function assertBytes(headers: IncomingHttpHeaders, { types, gzip }: BytesSpec): void {
  const type = headers['content-type']
  if (!types.some((one) => one === type)) throw new AppError('CONTENT_TYPE_REFUSED', 415, `Only ${types.join(' and ')} are read here.`)
  const coding = headers['content-encoding']
  if (coding !== undefined && !(gzip && coding === 'gzip'))
    throw new AppError('CONTENT_TYPE_REFUSED', 415, gzip ? 'Of compressed bodies only gzip is read.' : 'Compressed bodies are not read.')
}

/** Inflates what came compressed, and no further than the limit of the action: a small body may hold gigabytes of nothing. */
export async function inflateBody(request: FastifyRequest, { mostBytes }: BytesSpec): Promise<void> {
  if (request.headers['content-encoding'] !== 'gzip' || !Buffer.isBuffer(request.body)) return
  try {
    request.body = await inflate(request.body, { maxOutputLength: mostBytes })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE')
      throw new AppError('BODY_TOO_LARGE', 413, 'The body is over its limit once it is inflated.')
    throw new AppError('REQUEST_INVALID', 400, 'The body is no gzip.', { cause: error })
  }
}
