import { expect, it } from 'vitest'
import { readsAgain } from './read-again.ts'

const triesOf = (code: string, status: number): number => {
  let failures = 0
  while (readsAgain(failures, { code, status })) failures += 1
  return failures
}

it('reads again for as long as something may be replaced, where the client has not waited for it already', () => {
  expect([triesOf('NETWORK', 0), triesOf('DOCKER_PROXY_AWAY', 503)]).toEqual([10, 10])
  expect([triesOf('NETWORK', 502), triesOf('SERVICE_NOT_FOUND', 404), triesOf('HOST_AGENT_AWAY', 503)]).toEqual([1, 1, 1])
})
