export type TokenErrorCode = 'AUTH_TOKEN_INVALID' | 'AUTH_TOKEN_EXPIRED' | 'AUTH_GRANT_INVALID' | 'AUTH_GRANT_EXPIRED'

/** A token that is not accepted. `why` is for the log of the callee, never for the caller. */
export class TokenError extends Error {
  readonly code: TokenErrorCode
  readonly why: string
  constructor(code: TokenErrorCode, why: string) {
    super(code.endsWith('EXPIRED') ? 'The token has expired.' : 'The token is not valid here.')
    this.code = code
    this.why = why
  }
}
