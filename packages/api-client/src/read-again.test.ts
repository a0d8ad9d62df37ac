import { expect, it, vi } from 'vitest'
import { ApiError } from './client.ts'
import { askAgain, readsAgain } from './read-again.ts'

const triesOf = (code: string, status: number): number => {
  let failures = 0
  while (readsAgain(failures, { code, status })) failures += 1
  return failures
}

it('reads again for as long as something may be replaced, where the client has not waited for it already', () => {
  expect([triesOf('NETWORK', 0), triesOf('DOCKER_PROXY_AWAY', 503)]).toEqual([10, 10])
  expect([triesOf('NETWORK', 502), triesOf('SERVICE_NOT_FOUND', 404), triesOf('HOST_AGENT_AWAY', 503)]).toEqual([1, 1, 1])
})

it('asks again what nothing answered, and nothing that was refused', async () => {
  vi.useFakeTimers()
  const answers = [new ApiError('NETWORK', 0, 'lost'), new ApiError('NETWORK', 0, 'lost'), 'told']
  const ask = vi.fn(async () => {
    const next = answers.shift()
    if (next instanceof Error) throw next
    return next
  })
  const told = askAgain(ask)
  await vi.runAllTimersAsync()
  expect([await told, ask.mock.calls.length]).toEqual(['told', 3])
  const refused = vi.fn(() => Promise.reject(new ApiError('AUTH_UPSTREAM_REFUSED', 400, 'no')))
  await expect(askAgain(refused)).rejects.toThrow('no')
  expect(refused).toHaveBeenCalledTimes(1)
  vi.useRealTimers()
})
