import { afterAll, describe, expect, it } from 'vitest'
import { createPasswordPolicy } from './password-policy.ts'
import { createPasswordScorer } from './password-scorer.ts'

const scorer = createPasswordScorer()
afterAll(() => scorer.close())
const policy = createPasswordPolicy(scorer, ['ByteLyst DevOps Dashboard'])
const about = ['ada.king@example.com', 'Ada King']
const refusal = (password: string) =>
  policy.check(password, about).then(
    () => null,
    (error: { code: string; details: { feedback: string[] } }) => error,
  )

describe('a new password', () => {
  it('of four words that do not belong together passes', async () => {
    expect(await refusal('violet harbor quartz ninety')).toBeNull()
  })

  it('has at least 15 characters, counted after NFKC and not by code units', async () => {
    expect(await refusal('x7$Kq!pZ2#vLm9')).toMatchObject({ code: 'AUTH_PASSWORD_WEAK', status: 400 })
    expect(await refusal('🐙🦊🐝🌵🍉🧭🎻🪁')).toMatchObject({ code: 'AUTH_PASSWORD_WEAK' })
    expect(await refusal('x7$Kq!pZ2#vLm9w')).toBeNull()
  })

  it('is hard to guess, and the refusal says why', async () => {
    for (const weak of ['password1234password', 'aaaaaaaaaaaaaaaaaaaaaaaa', 'qwertyuiopasdfghjkl'])
      expect(await refusal(weak), weak).toMatchObject({
        code: 'AUTH_PASSWORD_WEAK',
        details: { feedback: expect.arrayContaining([expect.any(String)]) },
      })
  })

  it('is not made of what everybody knows of the person', async () => {
    for (const known of ['ada.king@example.com', 'Ada.King@Example.com1', 'ByteLyst DevOps Dashboard!'])
      expect(await refusal(known), known).toMatchObject({ code: 'AUTH_PASSWORD_WEAK' })
    await expect(createPasswordPolicy(scorer, []).check('ada.king@example.com', [])).resolves.toBeUndefined()
  })

  it('may have 1,024 characters', async () => {
    expect(await refusal('violet harbor quartz ninety '.repeat(36) + 'x'.repeat(16))).toBeNull()
  })
})
