import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { combine, judge, judgeAsked, statusFits, unmeasured } from './judge-health.ts'

const rule = { downAfter: 3, upAfter: 2 }
const after = (...measured: (boolean | null)[]) => measured.reduce((before, ok) => judge(before, ok, rule), unmeasured)

describe('judge', () => {
  it('calls a check down only after so many misses in a row', () => {
    expect(after(true, false).state).toBe('degraded')
    expect(after(true, false, false).state).toBe('degraded')
    expect(after(true, false, false, false).state).toBe('down')
    expect(after(true, false, false, true, false).state).toBe('degraded')
  })

  it('calls a check up again only after so many hits in a row', () => {
    const down = [true, false, false, false] as const
    expect(after(...down, true).state).toBe('down')
    expect(after(...down, true, true).state).toBe('up')
    expect(after(...down, true, false, true).state).toBe('down')
  })

  it('leaves a check unknown that has only begun to miss', () => {
    expect(after(false).state).toBe('unknown')
    expect(after(false, false, false).state).toBe('down')
  })

  it('never calls what could not be measured up or down', () => {
    const measured = fc.array(fc.option(fc.boolean()))
    fc.assert(fc.property(measured, (before) => after(...before, null).state === 'unknown'))
  })
})

describe('judgeAsked', () => {
  const asked = (before: typeof unmeasured, ...measured: (boolean | null)[]) =>
    measured.reduce((so, ok) => judgeAsked(so, ok, rule), before)

  it('calls a check up after as many hits in a row as it needs, from whatever it was', () => {
    for (const before of [unmeasured, after(true, false), after(true, false, false, false), after(null)])
      expect([asked(before, true).state, asked(before, true, true)]).toEqual([before.state, { state: 'up', misses: 0, hits: 2 }])
    expect(asked(after(false), true, false, true).state).toBe('unknown')
    expect(asked(after(false), true, null, true).state).toBe('unknown')
  })

  it('brings no check nearer to down, but breaks its row', () => {
    expect(asked(after(true, false), false, false, false)).toEqual({ ...after(true, false), hits: 0 })
    expect(judge(asked(after(true, false, false, false, true), false), true, rule).state).toBe('down')
  })
})

describe('combine', () => {
  it('takes the worst, and is up only when every check is', () => {
    expect(combine(['up', 'down', 'unknown'])).toBe('down')
    expect(combine(['up', 'unknown'])).toBe('unknown')
    expect(combine(['up', 'up'])).toBe('up')
    expect(combine([])).toBe('unknown')
  })
})

describe('statusFits', () => {
  it('reads single statuses, classes and lists', () => {
    expect([statusFits('200', 200), statusFits('2xx', 204), statusFits('200,3xx', 302)]).toEqual([true, true, true])
    expect([statusFits('200', 201), statusFits('2xx', 304), statusFits('200,204', 500)]).toEqual([false, false, false])
  })
})
