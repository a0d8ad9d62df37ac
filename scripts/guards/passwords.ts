import type { Guard } from './guard.ts'

const of = (file: string, tests: readonly string[], pairs: readonly (readonly [was: string, becomes: string])[]): readonly Guard[] =>
  pairs.map(([was, becomes]) => ({
    file: `apps/platform-service/src/${file}.ts`,
    was,
    becomes,
    tests: tests.map((one) => `apps/platform-service/src/${one}.test.ts`),
  }))
const resetTests = ['modules/passwords/passwords']

/** What stands around links for a new password, the mail that carries them, and the command line of whoever is locked out. */
export const passwordGuards: readonly Guard[] = [
  ...of('identity/reset-book', resetTests, [
    ['Date.parse(stored.doc.expiresAt) > now() ? stored', 'true ? stored'],
    ['return stored !== null && remove(resets, stored.id, stored.etag)', 'return stored !== null'],
    ['.filter(({ doc }) => doc.origin === origin)', '.filter(() => false)'],
    ['await remove(challenges, id, etag)', ''],
  ]),
  ...of('modules/passwords/passwords', resetTests, [
    ['if (!(await resets.finish(given.token))) throw resetOver()', 'await resets.finish(given.token)'],
    ["if (doc.status !== 'active') throw resetOver()", ''],
    ["if (!link || user?.doc.status !== 'active') throw resetOver()", 'if (!link || !user) throw resetOver()'],
    ["await sessions.endAll(id, { by: id, why: 'password reset' })", ''],
    ['await policy.check(given.password, [email, name])', ''],
    ['if (!hasSecondFactor(user.doc)) await throttles', 'await throttles'],
    ['if (id === ctx.actor.id) throw', 'if (false) throw'],
    ["if (user.doc.status !== 'active') throw", 'if (false) throw'],
    ['assertFreshFactor(deps.signedIn(ctx.actor), deps.now())', ''],
  ]),
  ...of('modules/sign-in/sign-in', resetTests, [['await assertStillGood(deps, user)', '']]),
  ...of('modules/people/require-reset', resetTests, [
    ['if (id === ctx.actor.id) throw', 'if (false) throw'],
    ["await sessions.endAll(id, { by: ctx.actor.id, why: 'new password required' })", ''],
    ['await resets.endAll(id)', ''],
    ['({ ...doc, password, passwordAt })', '({ ...doc, passwordAt })'],
  ]),
  ...of(
    'modules/passwords/forgotten',
    ['modules/mail/mail'],
    [
      ["(await throttles.take('reset', email))", 'true'],
      ["if (user?.doc.status !== 'active') return", 'if (!user) return'],
    ],
  ),
  ...of(
    'mail/smtp',
    ['mail/smtp'],
    [
      ['requireTLS: address.tlsRequired', 'requireTLS: false'],
      ["return is('The mail server refuses the user or password of SMTP_URL.', true)", 'return is((error as Error).message, true)'],
    ],
  ),
  ...of(
    'command-line',
    ['command-line'],
    [
      ["if (admin.doc.status !== 'active') throw", 'if (false) throw'],
      ["one.role === 'admin' && ", ''],
    ],
  ),
]
