import type { FastifyReply, FastifyRequest } from 'fastify'
import { describe, expect, it } from 'vitest'
import { AppError, sendProblem } from './problem.ts'

/** What is logged and sent for a failure, while its caller waits or after it left. */
function told(error: unknown, left: boolean): { logged: number; sent: unknown } {
  let logged = 0
  let sent: unknown = null
  const reply = {
    raw: { destroyed: left },
    code: () => reply,
    headers: () => reply,
    type: () => reply,
    serializer: () => reply,
    send: (body: unknown) => {
      sent = body
      return reply
    },
  }
  const log = { error: () => (logged += 1) }
  sendProblem(error, { id: 'r1', log } as unknown as FastifyRequest, reply as unknown as FastifyReply)
  return { logged, sent }
}
const stopped = () => new DOMException('This operation was aborted', 'AbortError')

describe('a failure', () => {
  it('that nobody foresaw is logged whole and told by its request id alone', () => {
    const { logged, sent } = told(new Error('secret text'), false)
    expect([logged, sent]).toMatchObject([1, { status: 500, code: 'INTERNAL', requestId: 'r1' }])
    expect(JSON.stringify(sent)).not.toContain('secret text')
  })

  it('of a caller who left, and whose work was stopped for that, is no fault of ours', () => {
    expect(told(stopped(), true).logged).toBe(0)
    expect(told(stopped(), false).logged).toBe(1)
    expect(told(new Error('a bug'), true).logged).toBe(1)
  })

  it('that was foreseen is told with its code and not logged', () => {
    expect(told(new AppError('USER_NOT_FOUND', 404, 'There is no such person.'), false)).toMatchObject({
      logged: 0,
      sent: { status: 404, code: 'USER_NOT_FOUND', detail: 'There is no such person.' },
    })
  })
})
