/** The deep test in parts of at most an hour each, so that each can be run and run again alone. */
export type DeepPart = { readonly name: string; readonly what: string; readonly files: readonly string[]; readonly minutes: number }

export const deepParts: readonly DeepPart[] = []
