import { describe, expect, it } from 'vitest'
import { createAttempts } from './attempts.ts'

describe('work that is done again and again', () => {
  it('is told when it fails, at most once a minute for a name, and anew after it went well', () => {
    let at = 0
    const told: string[] = []
    const attempt = createAttempts(
      (name) => told.push(`${name} ${at}`),
      () => at,
    )
    const fail = (): never => {
      throw new Error('no space left')
    }
    for (at = 0; at < 130_000; at += 1_000) {
      attempt('a', fail)
      attempt('b', () => undefined)
    }
    expect(told).toEqual(['a 0', 'a 60000', 'a 120000'])
    attempt('b', fail)
    attempt('a', () => undefined)
    attempt('a', fail)
    expect(told.slice(3)).toEqual(['b 130000', 'a 130000'])
  })
})
