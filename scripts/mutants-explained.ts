/** Why a fault that no test notices does no harm. `was` and `became` as the result file quotes them; without `became`, whatever is put there. */
export type Explanation = { readonly file: string; readonly was: string; readonly became?: string; readonly why: string }

export const explained: readonly Explanation[] = [
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
]
