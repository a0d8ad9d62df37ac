/** The deep test in parts of at most an hour each, so that each can be run and run again alone. */
export type DeepPart = { readonly name: string; readonly what: string; readonly files: readonly string[]; readonly minutes: number }

export const deepParts: readonly DeepPart[] = [
  {
    name: 'contracts',
    what: 'both APIs against their own documents: examples, negative data, sequences of calls (schemathesis)',
    files: ['tests/contracts.test.ts'],
    minutes: 60,
  },
  { name: 'kills', what: 'kill -9 of each process of a whole console, 200 times each', files: ['tests/kills.test.ts'], minutes: 50 },
  { name: 'away', what: 'the console without platform-service for more than a minute', files: ['tests/faults-away.test.ts'], minutes: 5 },
]
