import { explainedOfLogs } from './mutants-explained-logs.ts'

/** Why a fault that no test notices does no harm. `was` and `became` as the result file quotes them; without `became`, whatever is put there. */
export type Explanation = { readonly file: string; readonly was: string; readonly became?: string; readonly why: string }

export const explained: readonly Explanation[] = [
  ...explainedOfLogs,
  {
    file: 'packages/http-kit/src/credentials.ts',
    was: "''",
    became: '"Stryker was here!"',
    why: 'Text without an equals sign is passed over like no text.',
  },
  {
    file: 'packages/http-kit/src/origin.ts',
    was: 'origin === undefined',
    became: 'false',
    why: 'The list holds texts only, so no origin is not on it either; the comparison is there for the compiler.',
  },
  {
    file: 'packages/verbs/src/canonical.ts',
    was: 'a < b',
    became: 'a <= b',
    why: 'No two names of an object are the same.',
  },
  {
    file: 'packages/verbs/src/sliding-window.ts',
    was: 'window.times.slice(window.from)',
    became: 'window.times',
    why: 'Times that left the window leave it again before any is counted, and giving back takes the newest.',
  },
  {
    file: 'packages/verb-kit/src/limits.ts',
    was: '[]',
    became: '["Stryker was here"]',
    why: 'Nothing is counted under that name, so nothing of it is given back.',
  },
  { file: 'packages/verb-kit/src/limits.ts', was: "'host'", became: '""', why: 'There is one host, which any name stands for.' },
  {
    file: 'packages/http-kit/src/budgets.ts',
    was: 'refusal',
    became: 'true',
    why: 'Where no refusal is counted there is no name of it either, and giving nothing back changes nothing.',
  },
  {
    file: 'packages/http-kit/src/used-grants.ts',
    was: 'agoMs < 60_000',
    why: 'What is older has left the window of a minute by the time that anything is counted.',
  },
  {
    file: 'packages/verb-kit/src/plan-shelf.ts',
    was: 'files.length <= mostPlans',
    became: 'files.length < mostPlans',
    why: 'Of exactly so many none is taken off either way.',
  },
  {
    file: 'packages/verb-kit/src/plan-shelf.ts',
    was: '{ force: true }',
    became: '{}',
    why: 'The file was looked at in the line before, and nobody else takes any away.',
  },
  {
    file: 'packages/verb-kit/src/plan-shelf.ts',
    was: 'true',
    became: 'false',
    why: 'The file was looked at in the line before, and nobody else takes any away.',
  },
  {
    file: 'packages/verbs/src/json-strict.ts',
    was: 'text.charCodeAt(0) === 0xfeff',
    became: 'false',
    why: 'JSON.parse refuses the mark as well, by the same rule; only the wording is ours.',
  },
  {
    file: 'packages/verbs/src/json-strict.ts',
    was: 'at < text.length',
    became: 'at <= text.length',
    why: 'Behind the end stands no character, which is none of those looked for.',
  },
  {
    file: 'packages/verbs/src/json-strict.ts',
    was: "char === '{'",
    became: 'true',
    why: 'No text in an array is followed by a colon, so an array collects no names.',
  },
  { file: 'packages/verb-kit/src/caller.ts', was: "''", became: '"Stryker was here!"', why: 'Neither begins with Bearer.' },
  { file: 'packages/verb-kit/src/caller.ts', was: '{ return null }', became: '{}', why: 'The kind is only compared with one word.' },
  {
    file: 'packages/verbs/src/check-args.ts',
    was: "typeof value === 'number'",
    became: 'true',
    why: 'What is no number is no safe integer; the comparison is there for the compiler.',
  },
  {
    file: 'packages/verb-kit/src/read-request.ts',
    was: "''",
    became: '"Stryker was here!"',
    why: 'It stands for what is missing: as a host neither is a plain name, as a target neither is too long.',
  },
  {
    file: 'packages/verb-kit/src/read-request.ts',
    was: 'request.url?.startsWith',
    became: 'request.url.startsWith',
    why: 'A request that a server received has a target; the question mark is there for the compiler.',
  },
  {
    file: 'packages/http-kit/src/steps.ts',
    was: "typeof token === 'string'",
    became: 'true',
    why: 'Node joins headers of one name, so it is a text or nothing; the comparison is there for the compiler.',
  },
  {
    file: 'packages/http-kit/src/steps.ts',
    was: "typeof given !== 'string'",
    became: 'false',
    why: 'Node joins headers of one name, so it is a text here; the comparison is there for the compiler.',
  },
  {
    file: 'packages/http-kit/src/steps.ts',
    was: "error.code === 'AUTH_GRANT_EXPIRED'",
    why: 'It chooses between two sentences for people; code and status are those of the error.',
  },
  {
    file: 'packages/http-kit/src/steps.ts',
    was: "'AUTH_GRANT_EXPIRED'",
    became: '""',
    why: 'It chooses between two sentences for people; code and status are those of the error.',
  },
  { file: 'packages/http-kit/src/steps.ts', was: "{ return '' }", became: '{}', why: 'Nothing is the digest of no plan either.' },
  { file: 'packages/http-kit/src/steps.ts', was: "''", became: '"Stryker was here!"', why: 'It is no digest: those have 64 hex digits.' },
  {
    file: 'packages/tokens/src/csrf.ts',
    was: "''",
    became: '"Stryker was here!"',
    why: 'All three parts are there once the pattern fits; the defaults are there for the compiler.',
  },
  {
    file: 'packages/tokens/src/jwt.ts',
    was: "''",
    became: '"Stryker was here!"',
    why: 'A token of fewer than three parts is refused in the next line; the defaults are there for the compiler.',
  },
  {
    file: 'packages/tokens/src/jwt.ts',
    was: 'rules.claims[name]?.(claims[name])',
    became: 'rules.claims[name](claims[name])',
    why: 'The names are those of the rules; the question mark is there for the compiler.',
  },
  {
    file: 'packages/tokens/src/jwt.ts',
    was: "typ === 'at+jwt'",
    why: 'It decides only whether the signature is measured again the next time; what comes out is the same.',
  },
  {
    file: 'packages/tokens/src/jwt.ts',
    was: "'at+jwt'",
    became: '""',
    why: 'It decides only whether the signature is measured again the next time; what comes out is the same.',
  },
  {
    file: 'packages/tokens/src/jwt.ts',
    was: 'known.add(token, opened)',
    became: ';',
    why: 'It decides only whether the signature is measured again the next time; what comes out is the same.',
  },
  {
    file: 'packages/tokens/src/jwt.ts',
    was: '!isSeconds(iat) || !isSeconds(exp)',
    why: 'The claims were checked to be whole seconds already; the comparison is there for the compiler.',
  },
  {
    file: 'packages/tokens/src/jwt.ts',
    was: "'times'",
    became: '""',
    why: 'The claims were checked to be whole seconds already; the comparison is there for the compiler.',
  },
  { file: 'packages/tokens/src/jwt.ts', was: "typeof value === 'number'", became: 'true', why: 'What is no number is no safe integer.' },
  {
    file: 'packages/tokens/src/jwt.ts',
    was: "typeof value !== 'object' || value === null || Array.isArray(value)",
    why: 'What is no object has none of the names that are asked for, so it is refused in the next line for the same reason.',
  },
  {
    file: 'packages/tokens/src/jwt.ts',
    was: "typeof value !== 'object' || value === null",
    why: 'What is no object has none of the names that are asked for, so it is refused in the next line for the same reason.',
  },
  {
    file: 'packages/tokens/src/jwt.ts',
    was: "typeof value !== 'object'",
    why: 'What is no object has none of the names that are asked for, so it is refused in the next line for the same reason.',
  },
  {
    file: 'packages/tokens/src/jwt.ts',
    was: 'value === null',
    why: 'What is no object has none of the names that are asked for, so it is refused in the next line for the same reason.',
  },
  { file: 'packages/tokens/src/jwt.ts', was: '{ return null }', became: '{}', why: 'Nothing is as little a header as null.' },
  {
    file: 'packages/tokens/src/jwt.ts',
    was: '/^[A-Za-z0-9_-]+$/',
    why: 'Another character does not come back when the bytes are written again, so the part is refused for its spelling.',
  },
  {
    file: 'packages/tokens/src/jwt.ts',
    was: "typeof header.kid !== 'string'",
    became: 'false',
    why: 'What is no text is none of a thumbprint’s shape, but for a list of one, whose key is looked for and found nowhere.',
  },
  {
    file: 'packages/tokens/src/keys.ts',
    was: "''",
    became: '"Stryker was here!"',
    why: 'A public key of this kind always has an x; the default is there for the compiler.',
  },
  {
    file: 'packages/tokens/src/keys.ts',
    was: "typeof x !== 'string'",
    became: 'false',
    why: 'Of what is no text only a list of one fits the pattern, and making a key of that is a TypeError as well.',
  },
  {
    file: 'packages/tokens/src/keys.ts',
    was: '/change[-_ ]?me|example|sample|placeholder|password|secret[-_ ]?key|your[-_ ]|dummy|insecure|default|xxxx|^(.)\\1*$|^(0123456789|abcdef)/i',
    became:
      '/change[-_ ]?me|example|sample|placeholder|password|secret[-_ ]?key|your[-_ ]|dummy|insecure|default|xxxx|^(.)\\1$|^(0123456789|abcdef)/i',
    why: 'A text of one character again and again has fewer than ten different ones.',
  },
]
