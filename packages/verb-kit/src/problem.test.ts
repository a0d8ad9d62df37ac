import { describe, expect, it } from 'vitest'
import { DaemonError, problemText } from './problem.ts'

describe('a problem of a daemon', () => {
  it('is told with all that its thrower gave', () => {
    const errors = [{ field: 'a', rule: 'text', message: 'It must be a text.' }]
    const error = new DaemonError('RATE_LIMITED', 429, 'Too many.', { retryAfterSec: 0, details: { used: 3 }, errors })
    const { status, text, headers } = problemText(error, 'r1')
    expect([status, headers]).toEqual([429, { 'retry-after': '0' }])
    expect(JSON.parse(text)).toEqual({
      type: 'about:blank',
      title: 'Too Many Requests',
      status: 429,
      detail: 'Too many.',
      code: 'RATE_LIMITED',
      requestId: 'r1',
      errors,
      details: { used: 3 },
    })
  })

  it('says nothing of what it was not given, and does not tell its cause', () => {
    const { text, headers } = problemText(new DaemonError('ODD', 299, 'Odd.', { cause: new Error('inner'), untouched: true }), 'r2')
    expect(headers).toEqual({})
    expect(JSON.parse(text)).toEqual({ type: 'about:blank', title: 'Error', status: 299, detail: 'Odd.', code: 'ODD', requestId: 'r2' })
  })

  it('keeps the text of a fault here', () => {
    const { status, text } = problemText(new Error('password=hunter2'), 'r3')
    expect([status, JSON.parse(text)]).toMatchObject([500, { code: 'INTERNAL', detail: expect.stringContaining('request id') }])
    expect(text).not.toContain('hunter2')
  })

  it('cost something of a limit unless it says that nothing was reached', () => {
    const cause = new Error('inner')
    expect(new DaemonError('A', 400, 'a')).toMatchObject({ untouched: false, details: undefined, retryAfterSec: undefined })
    expect(new DaemonError('A', 400, 'a', { cause, untouched: true })).toMatchObject({ untouched: true, cause, message: 'a' })
  })
})
