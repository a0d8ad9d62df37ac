import { authenticatorCode } from './authenticator.ts'
import type { Answer, Browser } from './browser.ts'

export type Enrolled = { readonly secret: string; readonly recoveryCodes: string[] }
/** Who has an authenticator here, by e-mail. */
export type Authenticators = Map<string, Enrolled>
type Post = (path: string, body: object) => Promise<Record<string, unknown>>

const stepMs = 30_000

/**
 * An authenticator, set up as the profile does it. It ends the person's other sessions. A code of the step before shows it, so that the
 * present one is still good; each of the ten recovery codes is good for one sign-in.
 */
export async function enrol(post: Post, nowMs = Date.now()): Promise<Enrolled> {
  const secret = String((await post('/auth/factors/totp', {})).secret)
  const shown = await post('/auth/factors/totp/enable', { code: authenticatorCode(secret, nowMs - stepMs) })
  return { secret, recoveryCodes: shown.recoveryCodes as string[] }
}

/** Makes a session whole that is good for a second factor only, as an admin's is after an invite. */
export async function enrolIfAsked(browser: Browser, email: string, known: Authenticators): Promise<Answer> {
  const session = await browser.get('/auth/session')
  if (String(session.body.enrol) !== 'true') return session
  known.set(email, await enrol(postOf(browser)))
  return browser.get('/auth/session')
}

/** A whole sign-in: whoever has an authenticator shows a recovery code of it, whoever needs one sets it up. Answers the session, or the refusal. */
export async function signInWhole(
  browser: Browser,
  { email, password }: { readonly email: string; readonly password: string },
  known: Authenticators,
): Promise<Answer> {
  const first = await browser.post('/auth/login', { email, password })
  if (first.status !== 200) return first
  if (first.body.challenge === undefined) return enrolIfAsked(browser, email, known)
  const code = known.get(email)?.recoveryCodes.pop()
  if (code === undefined) throw new Error(`no recovery code of ${email} is left`)
  return browser.post('/auth/challenge', { challenge: String(first.body.challenge), code })
}

export function postOf(browser: Browser): Post {
  return async (path, body) => {
    const answer = await browser.post(path, body)
    if (answer.status !== 200 && answer.status !== 201) throw new Error(`${path} answered ${answer.status}: ${answer.text}`)
    return answer.body
  }
}
