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
]
