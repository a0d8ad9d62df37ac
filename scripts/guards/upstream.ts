import type { Guard } from './guard.ts'

const of = (file: string, tests: readonly string[], pairs: readonly (readonly [was: string, becomes: string])[]): readonly Guard[] =>
  pairs.map(([was, becomes]) => ({ file: `apps/platform-service/src/${file}.ts`, was, becomes, tests }))
const unit = (name: string): string => `apps/platform-service/src/${name}.test.ts`
const lying = 'tests/attacks/upstream-words.test.ts'

/** What stands between the word of a sign-in provider and a session here. */
export const upstreamGuards: readonly Guard[] = [
  ...of(
    'identity/upstream-provider',
    [unit('identity/upstream-provider'), lying],
    [
      ['execute: [enableNonRepudiationChecks, ', 'execute: ['],
      ['expectedNonce: nonce, ', ''],
      ['expectedState, ', 'expectedState: state, '],
      ['pkceCodeVerifier: verifier, ', ''],
      ['code_challenge: await library.calculatePKCECodeChallenge(verifier),', ''],
      ["code_challenge_method: 'S256',", ''],
      ['redirect_uri: redirectUri,', ''],
      ['const back = new URL(redirectUri)', 'const back = new URL(issuer)'],
      ['Object.entries({ code, state, iss })', 'Object.entries({ code, state, iss: issuer })'],
    ],
  ),
  ...of(
    'identity/upstream-flows',
    [unit('identity/upstream-flows')],
    [
      ['Date.parse(stored.doc.expiresAt) <= now() || ', ''],
      [' || !sameHash(hashOf(state), hashOf(secrets.state))', ''],
      ["if (stored?.doc.kind !== 'upstream') return null", 'if (!stored) return null'],
      ['await flows.remove(partition, stored.id, stored.etag)', ''],
      ['const derived = (what: string) => createHmac', "const derived = (what: string) => what === 'state' ? 'state' : createHmac"],
    ],
  ),
  ...of(
    'identity/upstream-links',
    [unit('modules/upstream/upstream')],
    [
      ['if (isUnderWay || (await listed(found.doc.userId, identity))) throw taken()', ''],
      ['if (isUnderWay || (', 'if (('],
      ['if (links.length >= most) throw', 'if (false) throw'],
      ['a.issuer === b.issuer && a.subject === b.subject', 'a.issuer === b.issuer'],
    ],
  ),
  ...of(
    'modules/upstream/upstream',
    [unit('modules/upstream/upstream'), lying],
    [
      ["if (!(await deps.throttles.take('address', ctx.address))) throw upstreamInvalid()", ''],
      ["ctx.setHeader('set-cookie', deps.jar.upstream(null, 0))", ''],
      ['if (word.emailVerified === false)', 'if (false)'],
      ["if (found?.user.doc.status !== 'active')", 'if (!found)'],
      ['assertFreshFactor(me, deps.now())\n  return begin(', 'return begin('],
      ['assertFreshFactor(me, deps.now())\n  const gone', 'const gone'],
    ],
  ),
]
