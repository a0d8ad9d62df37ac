const words: Readonly<Record<string, string>> = { pwd: 'password', otp: 'code', recovery: 'recovery code', hwk: 'passkey', swk: 'passkey' }

/** What somebody showed at a sign-in, in words; what only says that there was more than one factor is left out. */
export function factorWords(amr: readonly string[]): string {
  return amr.flatMap((one) => words[one] ?? (one === 'mfa' ? [] : [one])).join(', ')
}
