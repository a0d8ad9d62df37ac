import { AppError } from '@console/http-kit/problem'
import type { PasswordScorer } from './password-scorer.ts'

/** Characters, counted after NFKC, for a person without a second factor. */
const leastWithoutFactor = 15
const leastScore = 3
/** The score of longer ones is decided by then; scoring takes time that grows with the length. */
const scoredCharacters = 128

export type PasswordPolicy = {
  /** @param about what belongs to the person: e-mail, name. @throws AppError AUTH_PASSWORD_WEAK with `details.feedback` */
  check(password: string, about: readonly string[]): Promise<void>
}

/**
 * Length and zxcvbn score, offline; no rules of composition.
 * @param known words that are easy to guess here: names of products
 */
export function createPasswordPolicy(scorer: Pick<PasswordScorer, 'score'>, known: readonly string[]): PasswordPolicy {
  return {
    async check(password, about) {
      const text = password.normalize('NFKC')
      const { length } = [...text]
      if (length < leastWithoutFactor)
        throw weak(`The password has ${length} characters. Use at least ${leastWithoutFactor}; four words do well.`, [])
      const { score, warning, suggestions } = await scorer.score(
        text.slice(0, scoredCharacters),
        ['bytelyst', ...known, ...about].flatMap(wordsOf),
      )
      if (score < leastScore) throw weak('The password is too easy to guess.', [...(warning ? [warning] : []), ...suggestions])
    },
  }
}

/** @param feedback sentences for the person, the most telling one first */
function weak(message: string, feedback: readonly string[]): AppError {
  return new AppError('AUTH_PASSWORD_WEAK', 400, message, { details: { feedback } })
}

/** A text and its parts: of `ada.king@example.com` also `ada`, `king`, `example`. */
function wordsOf(text: string): string[] {
  const folded = text.toLowerCase()
  return [folded, ...folded.split(/[^\p{L}\p{N}]+/u).filter((word) => word.length > 2)]
}
