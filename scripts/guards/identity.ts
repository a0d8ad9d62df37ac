import type { Guard } from './guard.ts'

type Pairs = readonly (readonly [was: string, becomes: string])[]
const of =
  (app: string) =>
  (file: string, tests: readonly string[], pairs: Pairs): readonly Guard[] =>
    pairs.map(([was, becomes]) => ({
      file: `apps/${app}/src/${file}.ts`,
      was,
      becomes,
      tests: tests.map((one) => (one.startsWith('tests/') ? one : `apps/${app}/src/${one}.test.ts`)),
    }))
const platform = of('platform-service')
const backend = of('devops-backend')

/** What platform-service checks of people and their access, and devops-backend of whoever comes to it. */
export const identityGuards: readonly Guard[] = [
  ...platform(
    'identity/judge-session',
    ['modules/sessions/sessions', 'identity/session-book'],
    [
      ['stored.doc.endedAt !== null || ', ''],
      [' || nowMs >= idleEndOf(stored.doc, rules)', ''],
      ["if (!sameHash(doc.tie, hashOf(tie))) return { is: 'foreign', doc }", ''],
      ["if (superseded && nowMs >= Date.parse(doc.supersededAt ?? '') + rules.graceMs) return { is: 'superseded', doc }", ''],
      ['Math.min(Date.parse(doc.lastUsedAt) + rules.idleMs, absoluteEndOf(doc, rules))', 'Date.parse(doc.lastUsedAt) + rules.idleMs'],
    ],
  ),
  ...platform(
    'identity/recognition',
    ['modules/sessions/sessions', 'modules/people/people', 'modules/api-tokens/api-tokens', 'modules/internal/internal'],
    [
      ['if (bearer !== null && cookies[deps.jar.names.session] !== undefined) throw', 'if (false) throw'],
      ['if (token?.doc.productId !== platformProduct) throw', 'if (!token) throw'],
      ["if (user?.doc.status !== 'active') throw", 'if (!user) throw'],
      ["if (found.is === 'superseded' || found.is === 'foreign') event(refusedCookie(request, found))", ''],
      ['actions: token.doc.actions,', ''],
    ],
  ),
  ...platform(
    'identity/proof',
    ['modules/sign-in/sign-in', 'modules/factors/factors', 'modules/people/people'],
    [
      ['passwords.verify(allowed ? stored : null, password)', 'passwords.verify(stored, password)'],
      ['if (!right) throw credentialsInvalid()', ''],
      ['const by = allowed ? await secondFactors.prove(userId, code) : null', 'const by = await secondFactors.prove(userId, code)'],
      ['if (by === null) throw codeInvalid()', "if (by === null) return 'otp'"],
      ['  assertFresh(Date.parse(session.doc.factorAt), nowMs)\n', ''],
    ],
  ),
  ...platform(
    'identity/second-factor',
    ['modules/factors/factors'],
    [
      ['step > doc.totp.step ? {', 'true ? {'],
      ['recovery: left }', 'recovery: doc.recovery ?? [] }'],
      ['window: 1, ', 'window: 20, '],
    ],
  ),
  ...platform(
    'identity/second-factor',
    ['modules/passkeys/passkeys'],
    [
      ['return hasSecondFactor(doc) ? doc : rest', 'return doc'],
      ['(hasSecondFactor(doc) ? { doc: { ...doc, recovery: codes', '(true ? { doc: { ...doc, recovery: codes'],
    ],
  ),
  ...platform(
    'identity/second-factor-rule',
    ['modules/sign-in-settings/sign-in-settings'],
    [
      ["(secondFactor === 'admins' && memberships.some(({ role }) => role === 'admin'))", 'false'],
      ["secondFactor === 'everybody' || ", ''],
      ['doc.enrol === true && !hasSecondFactor(user.doc)', 'false'],
    ],
  ),
  ...platform(
    'identity/sign-in-settings',
    ['modules/sign-in-settings/sign-in-settings'],
    [["secondFactor: 'admins',", "secondFactor: 'choice',"]],
  ),
  ...platform(
    'modules/passkeys/passkeys',
    ['modules/passkeys/passkeys', 'modules/sign-in-settings/sign-in-settings'],
    [
      ['if (challenge === undefined && !deps.settings.current().passkeyAlone)', 'if (false)'],
      ['if (answer.userHandle !== handleOf(me.user.id)) throw', 'if (false) throw'],
      ['assertFreshFactor(me, now())', ''],
    ],
  ),
  ...platform(
    'identity/throttle-book',
    ['identity/throttle-book'],
    [
      [
        'const at = recent(kind, found?.doc.at ?? [])\n    if (at.length >= rules[kind].max) return false',
        'const at = recent(kind, found?.doc.at ?? [])',
      ],
      [
        'const at = recent(kind, spare.get(id) ?? [])\n    if (at.length >= rules[kind].max) return false',
        'const at = recent(kind, spare.get(id) ?? [])',
      ],
      ["hashOf(kind === 'address' ? networkOf(subject) : subject)", 'hashOf(subject)'],
    ],
  ),
  ...platform(
    'identity/invite-book',
    ['modules/invites/invites'],
    [
      ["stored?.doc.kind !== 'invite' || inviteState(stored.doc, now()) !== 'open'", "stored?.doc.kind !== 'invite'"],
      ["state === 'open' && Date.parse(endsAt) <= nowMs ? 'expired' : state", 'state'],
      ["{ op: 'remove', id: stored.id, ifMatch: stored.etag },", ''],
    ],
  ),
  ...platform(
    'identity/reset-book',
    ['modules/passwords/passwords'],
    [
      [' && Date.parse(stored.doc.expiresAt) > now()', ''],
      ['return stored !== null && remove(resets, stored.id, stored.etag)', 'return stored !== null'],
      ['for (const { id, etag } of before) await remove(resets, id, etag)', ''],
      ['for (const { id, etag } of await of(userId)) await remove(resets, id, etag)', ''],
    ],
  ),
  ...platform(
    'identity/challenge-book',
    ['modules/factors/factors'],
    [
      [' && Date.parse(stored.doc.expiresAt) > now()', ''],
      ['await challenges.remove(partition, stored.id, stored.etag)', ''],
    ],
  ),
  ...platform(
    'identity/passkeys',
    ['modules/passkeys/passkeys'],
    [
      [' || stored.doc.userId !== userId', ''],
      [' || Date.parse(stored.doc.expiresAt) <= now()', ''],
      ['await questions.remove(partition, stored.id, stored.etag)', ''],
      ['requireUserVerification: true', 'requireUserVerification: false'],
      ['if (passkeys.length >= most) throw', 'if (false) throw'],
      ['if (!current || (current.counter !== counter && current.counter >= used.counter)) throw', 'if (!current) throw'],
    ],
  ),
  ...platform('identity/admin-guard', ['identity/admin-guard'], [['if (left.length === 0)', 'if (false)']]),
  ...platform(
    'identity/password-policy',
    ['identity/password-policy'],
    [
      ['if (length < leastWithoutFactor)', 'if (false)'],
      ['if (score < leastScore) throw', 'if (false) throw'],
      ['...known, ...about]', '...known]'],
      [".normalize('NFKC')", ''],
    ],
  ),
  ...platform(
    'modules/grants/grants',
    ['modules/grants/grants'],
    [
      [
        'if (!what) throw',
        "if (!what) return sign({ aud: 'host-agent', sub: me.user.id, sid: me.session.doc.sid, verb, digest })\n  if (!what) throw",
      ],
      ['if (!roleAllows(role, what.role))', 'if (false)'],
      ['assertFreshFactor(me, now())', ''],
    ],
  ),
  ...platform('modules/grants/confirmable', ['modules/grants/confirmable'], [['if (found.has(id)) throw', 'if (false) throw']]),
  ...platform(
    'modules/internal/introspect',
    ['modules/internal/internal', 'modules/api-tokens/api-tokens', 'modules/products/products'],
    [
      ['if (reference && reference.productId !== productId)', 'if (false)'],
      ['if (stored && stored.doc.productId !== productId)', 'if (false)'],
      ['if (!stored || tie !== null) return inactive', 'if (!stored) return inactive'],
      ["if (found.is !== 'live') return inactive", ''],
      ["amr: ['api'], role, plan }", "amr: ['pwd'], role, plan }"],
      ['if (productId === null) throw', "if (productId === null) return 'bytelyst-devops'\n  if (productId === null) throw"],
    ],
  ),
  ...platform(
    'modules/people/people',
    ['modules/people/people', 'modules/people/remove-person', 'modules/memberships/memberships', 'modules/factors/factors'],
    [
      [
        "await deps.sessions.endAll(id, { by: ctx.actor.id, why: 'person disabled' })\n  await deps.resets.endAll(id)",
        'await deps.resets.endAll(id)',
      ],
      ['if (takesAway && isLastingAdmin(before)) await admins.release(id)', ''],
      ['if (isLastingAdmin(person)) await deps.admins.release(id)', ''],
      ['if (!product.plans.includes(chosen))', 'if (false)'],
      ['if (expiresAt !== null && Date.parse(expiresAt) <= now())', 'if (false)'],
      ['await deps.secondFactors.reset(id)\n  await deps.sessions.endAll(', 'await deps.secondFactors.reset(id)\n  void ('],
    ],
  ),
  ...platform(
    'modules/setup/setup',
    ['modules/setup/setup'],
    [
      ['if (!(await isSetupRequired(deps))) throw done()', ''],
      ["if (!(await throttles.take('address', ctx.address)))", 'if (false)'],
      ['!sameHash(doc.token, hashOf(token))', 'false'],
      ['if (Date.parse(doc.expiresAt) <= now())', 'if (false)'],
    ],
  ),
  ...platform(
    'modules/sign-in/sign-in',
    ['modules/sign-in/sign-in', 'modules/factors/factors', 'modules/passwords/passwords'],
    [
      ["if (user?.doc.status !== 'active') throw credentialsInvalid()", 'if (!user) throw credentialsInvalid()'],
      ['if (!(await challenges.finish(given.challenge))) throw challengeOver()', ''],
      ["=== 'recovery') throw codeInvalid()", "=== 'recovery') void 0"],
      ['await provePassword(deps, ctx, { email, stored: me.user.doc.password, password: current, isWhole: true })', ''],
      ['await policy.check(next, [email, name])', ''],
      ['await deps.resets.endAll(me.user.id)', ''],
    ],
  ),
  ...platform(
    'modules/api-tokens/api-tokens',
    ['modules/api-tokens/api-tokens'],
    [
      ['assertFreshFactor(me, deps.now())', ''],
      ["product === null || product.status === 'retired'", 'product === null'],
      ["if (!tokenMay(action)) return 'is never done by a token: it needs a person.'", ''],
      ['return roleAllows(role, action.role) ? null :', 'return true ? null :'],
      ['>= mostPerPerson)', '>= 1_000)'],
      ['deps.apiTokens.revoke(tokenId, user.id, user.id)', 'deps.apiTokens.revoke(tokenId, user.id)'],
    ],
  ),
  ...backend(
    'authenticate',
    ['authenticate'],
    [
      ['if (bearer !== null && reference !== undefined)', 'if (false)'],
      [" || (bearer !== null && !bearer.startsWith('blt_'))", ''],
      ['if (bearer === null && tie === null) throw', 'if (false) throw'],
      ['if (!credential.test(token) || (tie !== null && !credential.test(tie))) throw', 'if (false) throw'],
      ['if (!person) throw nobody()', ''],
      ["activity: !polls && request.headers['x-activity'] === '1'", "activity: request.headers['x-activity'] === '1'"],
      ["changing: risk === 'change' || risk === 'destroy'", 'changing: false'],
      ['byCookie: bearer === null', 'byCookie: false'],
      ['...(actions && { actions }),', ''],
    ],
  ),
]
