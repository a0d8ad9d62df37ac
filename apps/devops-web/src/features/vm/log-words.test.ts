import { expect, it } from 'vitest'
import { lookLineOf } from './log-words.ts'

it('takes a line of the watchdog apart', () => {
  const at = '2026-11-28T14:31:50.000Z'
  expect(lookLineOf('2026-11-28T14:31:50Z ok 61 containers, nothing to report')).toEqual({
    at,
    kind: 'ok',
    text: '61 containers, nothing to report',
  })
  expect(lookLineOf('2026-11-28T14:31:50Z acted web restarted').kind).toBe('interrupted')
})

it('shows what somebody else wrote into the file as it is', () => {
  for (const text of ['', 'Nov 28 hello', '2026-11-28T14:31:50Z', '2026-99-28T14:31:50Z ok no day', '2026-11-28T14:31:50Z constructor x'])
    expect(lookLineOf(text)).toEqual({ at: null, kind: 'rest', text })
})
