/**
 * The numbers of the catalogue of attacks, by group, that can be tried on what is built today. Numbers are permanent.
 * A number that is missing here either was given up (it says so in the catalogue) or belongs to a part that is not built. X17 is about uploads,
 * of which there are none: a backup from elsewhere is put into its folder on the host.
 * `real` are those whose cases are tried on real engines too.
 */
const upTo = (count: number, ...without: number[]): readonly number[] =>
  Array.from({ length: count }, (_, index) => index + 1).filter((number) => !without.includes(number))

export const groups: Readonly<Record<string, { readonly what: string; readonly numbers: readonly number[]; readonly real?: true }>> = {
  P: { what: 'the front of docker-proxy: request line, heads, framing', numbers: upTo(30) },
  D: { what: 'names, ids and arguments at the engine', numbers: upTo(34), real: true },
  R: { what: 'secrets in answers', numbers: upTo(8, 5), real: true },
  S: { what: 'streams', numbers: upTo(11), real: true },
  A: { what: 'who asks, and what they may', numbers: upTo(19, 17) },
  C: { what: 'browser: CSRF, Origin, cookies, framing', numbers: upTo(13, 7, 13) },
  V: { what: 'log viewer and other sinks', numbers: upTo(11) },
  U: { what: 'the audit log', numbers: upTo(27, 21) },
  L: { what: 'limits and load', numbers: upTo(8) },
  F: { what: 'health addresses', numbers: upTo(11) },
  X: { what: 'programs and files', numbers: [1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12, 13, 15, 16] },
  G: { what: 'grants and service keys', numbers: upTo(27) },
  H: { what: 'deploy scripts', numbers: upTo(18) },
  I: { what: 'what agents hand in', numbers: upTo(9) },
  O: {
    what: 'a deployed console and its daemon on the host, one part in other hands, what is shipped, and what the gateway may ask',
    numbers: upTo(11),
  },
}
