const words: Readonly<Record<string, string>> = { pwd: 'password', otp: 'code', recovery: 'recovery code', hwk: 'passkey', swk: 'passkey' }

/** The second factors that somebody has set up, in words; empty where there is none. */
export function secondFactorsOf(factors: readonly string[]): string {
  return factors.flatMap((one) => (one === 'password' ? [] : [one === 'totp' ? 'TOTP' : one])).join(', ')
}

/** What somebody showed at a sign-in, in words; what only says that there was more than one factor is left out. */
export function factorWords(amr: readonly string[]): string {
  return amr.flatMap((one) => words[one] ?? (one === 'mfa' ? [] : [one])).join(', ')
}
