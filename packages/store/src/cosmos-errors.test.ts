import { AzureError } from '@console/tokens/azure-requests'
import { expect, test } from 'vitest'
import { judgeFailure } from './cosmos-errors.ts'
import { StoreError } from './port.ts'

test.each([
  [{ code: 400, message: 'x'.repeat(400) }, 'verdict', 'Invalid'],
  [{ code: 401 }, 'verdict', 'Unavailable'],
  [{ code: 403, substatus: 5300 }, 'verdict', 'Unavailable'],
  [{ code: 404 }, 'verdict', 'NotFound'],
  [{ code: 404, substatus: 1003 }, 'verdict', 'Unavailable'],
  [{ code: 409 }, 'verdict', 'Conflict'],
  [{ code: 412 }, 'verdict', 'Precondition'],
  [{ code: 413 }, 'verdict', 'TooLarge'],
  [{ code: 429 }, 'again', 'Throttled'],
  [{ code: 449 }, 'again', 'Throttled'],
  [{ code: 503 }, 'unsure', 'Unavailable'],
  [{ code: 'ECONNRESET' }, 'unsure', 'Unavailable'],
  [{ name: 'TimeoutError' }, 'unsure', 'Unavailable'],
  [{ code: 'ECONNREFUSED' }, 'again', 'Unavailable'],
  [new AzureError('away', 'nobody hands out tokens'), 'again', 'Unavailable'],
  [new AzureError('refused', 'the client is refused'), 'verdict', 'Unavailable'],
])('%o is told as %s, %s', (thrown, kind, code) => {
  const judged = judgeFailure(thrown)
  expect([judged.kind, judged.error.code]).toEqual([kind, code])
  expect(judged.error.message.length).toBeLessThan(350)
})

test('what was judged is not judged again, and a fault of ours stays one', () => {
  const known = new StoreError('Conflict', 'taken')
  expect(judgeFailure(known)).toEqual({ kind: 'verdict', error: known })
  expect(() => judgeFailure(new TypeError('a fault of ours'))).toThrow('a fault of ours')
})
