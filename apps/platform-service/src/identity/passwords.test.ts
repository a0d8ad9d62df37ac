import { describe, expect, it } from 'vitest'
import { createPasswords, fullCost } from './passwords.ts'

const cheap = { memoryKiB: 256, passes: 1, lanes: 1 }

describe('a password', () => {
  it('is kept as argon2id with 64 MiB, three passes and one lane', async () => {
    const passwords = createPasswords()
    expect(await passwords.hash('correct horse battery staple')).toMatch(/^\$argon2id\$v=19\$m=65536,t=3,p=1\$/)
    expect(fullCost).toEqual({ memoryKiB: 65_536, passes: 3, lanes: 1 })
  })

  it('is the same in every Unicode spelling, and in no other case or with spaces cut', async () => {
    const passwords = createPasswords({ cost: cheap })
    const stored = await passwords.hash('Ångström ﬁne words here')
    expect(await passwords.verify(stored, 'A\u030angstro\u0308m fine words here')).toBe(true)
    expect(await passwords.verify(stored, 'ångström fine words here')).toBe(false)
    expect(await passwords.verify(stored, 'Ångström fine words here ')).toBe(false)
  })

  it('is never right for an account that does not exist', async () => {
    const passwords = createPasswords({ cost: cheap })
    expect(await passwords.verify(null, 'anything')).toBe(false)
  })

  it('is hashed anew when it was made at less than today’s cost', async () => {
    const before = createPasswords({ cost: cheap })
    const today = createPasswords({ cost: { ...cheap, passes: 2 } })
    const stored = await before.hash('correct horse battery staple')
    expect(before.isWeaker(stored)).toBe(false)
    expect(today.isWeaker(stored)).toBe(true)
  })

  it('waits in line when too many are checked at once, and is refused when the line is full', async () => {
    const passwords = createPasswords({ cost: cheap, atOnce: 2, waiting: 3 })
    const stored = await passwords.hash('correct horse battery staple')
    const settled = await Promise.allSettled(Array.from({ length: 8 }, () => passwords.verify(stored, 'correct horse battery staple')))
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(5)
    for (const one of settled) if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'RATE_LIMITED', status: 429 })
    expect(await passwords.verify(stored, 'correct horse battery staple')).toBe(true)
  })
})
