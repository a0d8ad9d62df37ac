/** Names that no container can have. */
export const namesOfNone = [
  '-a',
  '.a',
  '_a',
  'a/b',
  '/a',
  'a\n',
  'a\r',
  'a\0',
  ' a',
  'a ',
  'a b',
  'é',
  'ａｂ',
  '\u212a1',
  '\u202ea',
  'a%2e',
  'a?b',
  'a#b',
  '../a',
  'a'.repeat(129),
  'a'.repeat(200),
  '',
]

type Wrong = { readonly id: string; readonly title: string; readonly verb: string; args(container: string): object[] }
const restart = (id: string, title: string, bad: (container: string) => readonly unknown[], name = 'container'): Wrong => ({
  id,
  title,
  verb: 'containers.restart',
  args: (container) => bad(container).map((value) => ({ container, [name]: value })),
})
const logs = (id: string, title: string, bad: readonly object[]): Wrong => ({
  id,
  title,
  verb: 'containers.logs',
  args: (container) => bad.map((more) => ({ container, ...more })),
})

/** Arguments that an engine would take in its own way, and that do not come so far. */
export const wrongArguments = {
  D6: restart('D6', 'references that are no text', (name) => [[name], { toString: name }, 5, null, true, [], {}]),
  D7: restart('D7', 'waits that are no whole number of 0 to 60', () => [-1, 61, 1.5, '', 'abc', '5', 1e9, null, true, [5]], 'waitSec'),
  D8: {
    ...restart('D8', 'arguments that the engine has and the verb has not', () => []),
    args: (container: string) => ['signal', 'timeout', 'T', 't', 'force', 'v'].map((name) => ({ container, [name]: 1 })),
  },
  D10: logs(
    'D10',
    'tails that the engine would take for all',
    ['all', '0', 0, -1, '+1', '1e3', 5_001, '5,', '５', '', null, 1.5].map((tail) => ({ tail })),
  ),
  D11: logs(
    'D11',
    'follows that the engine would take for true',
    ['off', 2, 'yes', '', 'false', 'true', 1, 0, null].map((follow) => ({ follow })),
  ),
  D12: logs('D12', 'times that are none, or in the wrong order', [
    { since: 2, until: 1 },
    { since: -1 },
    { until: -1 },
    { since: 1e19 },
    { since: '2026-01-01T00:00:00Z' },
    { since: 1.5 },
    { since: '1' },
    { until: null },
    { until: 5, follow: true },
  ]),
} satisfies Record<string, Wrong>
