import { STATUS_CODES } from 'node:http'
import type { Problem } from '@console/contracts/problem'
import { JsonRefused } from '@console/verbs/json-strict'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod'
import { statusOf } from './rpc-status.ts'

/** An expected failure: a code of the catalogue, which the action declares. `details` travel to the client. */
export class AppError extends Error {
  readonly code: string
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly details: Readonly<Record<string, unknown>> | undefined
  readonly errors: Problem['errors']
  constructor(
    code: string,
    status: number,
    message: string,
    {
      cause,
      headers = {},
      details,
      errors,
    }: {
      cause?: unknown
      headers?: Readonly<Record<string, string>>
      details?: Readonly<Record<string, unknown>>
      /** Which fields break which rules, where it takes more than a schema to see it. */
      errors?: Problem['errors']
    } = {},
  ) {
    super(message, { cause })
    this.code = code
    this.status = status
    this.headers = headers
    this.details = details
    this.errors = errors
  }
}

/** Answers RFC 9457. What is no AppError and no bad input is a fault of ours: logged whole, told only by its request id. */
export function sendProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const problem = problemOf(error, request.id)
  // What was stopped because its caller left is no fault: nobody reads the answer either.
  const left = error instanceof Error && error.name === 'AbortError' && reply.raw.destroyed
  if (problem.status >= 500 && !left) request.log.error({ err: error, requestId: request.id }, 'request failed')
  const headers = error instanceof AppError ? error.headers : {}
  if (request.routeOptions?.config?.bytes?.status) {
    const { type, bytes } = statusOf(problem, request.headers['content-type'])
    return reply.code(problem.status).headers(headers).type(type).send(bytes)
  }
  return reply.code(problem.status).headers(headers).type('application/problem+json').serializer(JSON.stringify).send(problem)
}

/** The body that tells a failure. */
export function problemOf(error: unknown, requestId: string): Problem {
  const { status, code, detail, ...more } = partsOf(error)
  return { type: 'about:blank', title: STATUS_CODES[status] ?? 'Error', status, detail, code, requestId, ...more }
}

type Parts = Pick<Problem, 'status' | 'code' | 'detail'> & Partial<Pick<Problem, 'errors' | 'details'>>
const requestCodes: Record<number, [string, string]> = {
  413: ['BODY_TOO_LARGE', 'The body is over its limit.'],
  415: ['CONTENT_TYPE_REFUSED', 'Only application/json is read.'],
}

function partsOf(error: unknown): Parts {
  if (error instanceof AppError)
    return {
      status: error.status,
      code: error.code,
      detail: error.message,
      ...(error.errors && { errors: error.errors }),
      ...(error.details && { details: { ...error.details } }),
    }
  if (error instanceof JsonRefused) return { status: 400, code: 'REQUEST_INVALID', detail: error.message }
  if (hasZodFastifySchemaValidationErrors(error)) {
    const part = error.validationContext === 'querystring' ? 'query' : (error.validationContext ?? 'body')
    const errors = error.validation.flatMap(({ instancePath, keyword, message = 'is not as it must be', params }) => {
      const names = keyword === 'unrecognized_keys' ? ((params as { keys?: string[] }).keys ?? []).map((key) => `/${key}`) : ['']
      return names.map((name) => ({ field: `${part}${(instancePath + name).replaceAll(/\/+/g, '.')}`, rule: keyword, message }))
    })
    const [first] = errors
    return {
      status: 400,
      code: 'INPUT_INVALID',
      detail: first ? `${first.field}: ${first.message}.` : 'A field is not as it must be.',
      errors,
    }
  }
  const { statusCode } = (error ?? {}) as { statusCode?: unknown }
  if (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500) {
    const [code, detail] = requestCodes[statusCode] ?? ['REQUEST_INVALID', `${STATUS_CODES[statusCode] ?? 'Bad request'}.`]
    return { status: statusCode, code, detail }
  }
  return { status: 500, code: 'INTERNAL', detail: 'Something went wrong here. Quote the request id.' }
}
