import { afterAll, describe, expect, it } from 'vitest'
import { createPasswordScorer } from './password-scorer.ts'

const scorer = createPasswordScorer()
afterAll(() => scorer.close())

describe('the scorer of passwords', () => {
  it('counts as zxcvbn does, several at once', async () => {
    const asked = ['password1234', 'Bytelyst2026!', 'correct horse battery staple'].map((text) => scorer.score(text, ['bytelyst']))
    expect((await Promise.all(asked)).map(({ score }) => score)).toEqual([1, 2, 4])
  })

  it('does not hold up everything else while it works', async () => {
    let turns = 0
    const slow = scorer.score('p4$$w0rd'.repeat(16), []).then(() => true)
    while (!(await Promise.race([slow, new Promise<false>((resolve) => setImmediate(resolve, false))]))) turns += 1
    expect(turns).toBeGreaterThan(100)
  })

  it('starts anew after it ended', async () => {
    await scorer.close()
    expect((await scorer.score('password1234', [])).score).toBe(1)
  })

  it('tells those who wait when it ends under them', async () => {
    const asked = scorer.score('password1234', [])
    await Promise.all([expect(asked).rejects.toThrow('ended'), scorer.close()])
  })
})
