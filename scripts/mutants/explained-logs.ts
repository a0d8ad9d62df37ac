import type { Explanation } from './explanation.ts'

type Changes = readonly (readonly [was: string, became: string])[]

/** One reason for several faults of a file. */
function same(file: string, why: string, changes: Changes): Explanation[] {
  return changes.map(([was, became]) => ({ file, was, became, why }))
}

/** Logs, scripts and the audit chain, and the mount: why a fault that no test notices does no harm. */
export const explainedOfLogs: readonly Explanation[] = [
  ...same('packages/log-text/src/visible-mark.ts', 'It spares plain characters the questions below, which leave them as they are.', [
    ['code >= 0x20 && code < 0x7f', 'false'],
    ['code >= 0x20', 'code > 0x20'],
    ['{ piled = 0 return char }', '{}'],
  ]),
  ...same('packages/log-text/src/visible-mark.ts', 'Plain characters do not come so far.', [
    ['code < 0x20', 'code <= 0x20'],
    ['code >= 0x80', 'true'],
  ]),
  ...same('packages/log-text/src/visible-mark.ts', 'It is asked about one character at a time.', [
    ['/^\\p{Mark}$/u', '/\\p{Mark}$/u'],
    ['/^\\p{Mark}$/u', '/^\\p{Mark}/u'],
    [
      '/^[\\p{Default_Ignorable_Code_Point}\\p{Bidi_Control}\\u2028\\u2029\\ufff9-\\ufffb]$/u',
      '/[\\p{Default_Ignorable_Code_Point}\\p{Bidi_Control}\\u2028\\u2029\\ufff9-\\ufffb]$/u',
    ],
    [
      '/^[\\p{Default_Ignorable_Code_Point}\\p{Bidi_Control}\\u2028\\u2029\\ufff9-\\ufffb]$/u',
      '/^[\\p{Default_Ignorable_Code_Point}\\p{Bidi_Control}\\u2028\\u2029\\ufff9-\\ufffb]/u',
    ],
    ['/^[\\ufe00-\\ufe0f\\u{e0100}-\\u{e01ef}]$/u', '/[\\ufe00-\\ufe0f\\u{e0100}-\\u{e01ef}]$/u'],
    ['/^[\\ufe00-\\ufe0f\\u{e0100}-\\u{e01ef}]$/u', '/^[\\ufe00-\\ufe0f\\u{e0100}-\\u{e01ef}]/u'],
  ]),
  ...same('packages/log-text/src/clean-log-text.ts', 'It spares plain lines the states below, which leave them as they are.', [
    ['plain.test(line)', 'false'],
    ['/^[\\t\\x20-\\x7e]*$/', '/^[\\t\\x20-\\x7e]$/'],
  ]),
  ...same('packages/log-text/src/clean-log-text.ts', 'It is the state that is none of the others.', [["'intermediates'", '""']]),
  ...same('apps/host-agent/src/runs/mask-values.ts', 'The place is there; the default is there for the compiler.', [
    ['{ from: 0 }', '{}'],
    ['{ to: 0 }', '{}'],
    ['places[index]?.to', 'places[index].to'],
  ]),
  ...same(
    'apps/host-agent/src/runs/mask-values.ts',
    'Places that overlap are covered as one, and the longest beginning is held back, whichever secret is looked for first.',
    [
      [
        '[...new Set(values.flatMap((value) => [value, ...value.split(/\\r?\\n/)]))] .filter((value) => value.length >= shortest) .sort((a, b) => b.length - a.length)',
        '[...new Set(values.flatMap(value => [value, ...value.split(/\\r?\\n/)]))].filter(value => value.length >= shortest)',
      ],
      ['(a, b) => b.length - a.length', '() => undefined'],
      ['b.length - a.length', 'b.length + a.length'],
    ],
  ),
  ...same('apps/host-agent/src/runs/mask-values.ts', 'As many characters as are held back already are no more.', [
    ['length > most', 'length >= most'],
  ]),
  ...same('apps/docker-proxy/src/demultiplex.ts', 'A head names the stream before any bytes of a frame are taken.', [["'out'", '""']]),
  ...same('apps/docker-proxy/src/demultiplex.ts', 'An empty piece adds nothing to a line.', [
    ['kept.length > 0', 'true'],
    ['kept.length > 0', 'kept.length >= 0'],
  ]),
  ...same('apps/docker-proxy/src/demultiplex.ts', 'Nothing is left of a piece that ends with its line, and nothing added is nothing.', [
    ['at < chunk.length', 'true'],
    ['at < chunk.length', 'at <= chunk.length'],
  ]),
  ...same('apps/docker-proxy/src/demultiplex.ts', 'It spares a copy: the longer way below finds the same.', [
    ['left === 0 && head.length === 0 && chunk.length - at >= 8', 'false'],
    ['chunk.length - at >= 8', 'chunk.length - at > 8'],
    ['{ ;({ stream, left } = readHead(chunk.subarray(at, at + 8))) at += 8 continue }', '{}'],
    ['size === 0 && !over && end - at <= longestLine', 'false'],
    ['!over', 'over'],
    ['end - at <= longestLine', 'end - at < longestLine'],
    ['end - at', 'end + at'],
  ]),
  ...same(
    'packages/fan-out/src/recent-blocks.ts',
    'One is there as long as there is more than one; the default is there for the compiler.',
    [
      ['gone?.lines', 'gone.lines'],
      ['gone?.chars', 'gone.chars'],
    ],
  ),
  ...same('apps/docker-proxy/src/json-lines.ts', 'It spares a copy of the bytes, which are the same.', [['rest.length === 0', 'false']]),
  ...same('apps/docker-proxy/src/log-lines.ts', 'Each is set by the first line before it is read.', [["''", '"Stryker was here!"']]),
  ...same('apps/docker-proxy/src/log-lines.ts', 'An empty line has no last byte that could be a carriage return.', [
    ['bytes.length > 0', 'true'],
    ['bytes.length > 0', 'bytes.length >= 0'],
  ]),
  ...same(
    'apps/docker-proxy/src/log-lines.ts',
    'The quick form is in UTC by itself; that the calendar has this second is known from a line of any zone.',
    [
      ["match[3] === 'Z'", 'true'],
      ["match[3] === 'Z'", "match[3] !== 'Z'"],
      ["'Z'", '""'],
    ],
  ),
  ...same('apps/docker-proxy/src/log-lines.ts', 'It spares lines of one second the calendar; the longer way below reads the same.', [
    ["''", '"Stryker was here!"'],
    ["second !== '' && whole.startsWith(second) && usual.test(whole)", 'false'],
    ["second !== ''", 'true'],
    ["second !== ''", "second === ''"],
    ['whole.startsWith(second)', 'whole.endsWith(second)'],
    ["!Number.isNaN(time) && match[3] === 'Z'", 'false'],
    ["match[1] ?? ''", "match[1] && ''"],
    ['/^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\\.[0-9]{9}Z /', '/[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\\.[0-9]{9}Z /'],
    ['/^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\\.[0-9]{9}Z /', '/^[0-9]-[0-9]{2}-[0-9]{2}T[0-9:]{8}\\.[0-9]{9}Z /'],
    ['/^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\\.[0-9]{9}Z /', '/^[^0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\\.[0-9]{9}Z /'],
    ['/^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\\.[0-9]{9}Z /', '/^[0-9]{4}-[0-9]-[0-9]{2}T[0-9:]{8}\\.[0-9]{9}Z /'],
    ['/^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\\.[0-9]{9}Z /', '/^[0-9]{4}-[^0-9]{2}-[0-9]{2}T[0-9:]{8}\\.[0-9]{9}Z /'],
    ['/^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\\.[0-9]{9}Z /', '/^[0-9]{4}-[0-9]{2}-[0-9]T[0-9:]{8}\\.[0-9]{9}Z /'],
    ['/^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\\.[0-9]{9}Z /', '/^[0-9]{4}-[0-9]{2}-[^0-9]{2}T[0-9:]{8}\\.[0-9]{9}Z /'],
    ['/^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\\.[0-9]{9}Z /', '/^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]\\.[0-9]{9}Z /'],
    ['/^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\\.[0-9]{9}Z /', '/^[0-9]{4}-[0-9]{2}-[0-9]{2}T[^0-9:]{8}\\.[0-9]{9}Z /'],
    ['/^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\\.[0-9]{9}Z /', '/^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\\.[^0-9]{9}Z /'],
  ]),
  ...same(
    'apps/docker-proxy/src/log-lines.ts',
    'Date.parse reads a fraction of one digit or of nine as well, and passes over what is below milliseconds.',
    [
      ["(match[2] ?? '0').slice(0, 3)", "match[2] ?? '0'"],
      ["'0'", '""'],
    ],
  ),
  ...same('apps/host-agent/src/scripts/approvals.ts', 'It is a sentence for people; that the folder is not used is the guard.', [
    ["'it is no folder'", '""'],
  ]),
  ...same('apps/host-agent/src/scripts/approvals.ts', 'JSON.parse makes the same text of the bytes.', [["'utf8'", '""']]),
  ...same(
    'apps/host-agent/src/scripts/approvals.ts',
    'What is no list has no find, so the row is refused in the next lines; only the wording differs.',
    [['[null]', '[]']],
  ),
  ...same('apps/host-agent/src/scripts/approvals.ts', 'A path that is the same when it is resolved begins at the root.', [["'/'", '""']]),
  ...same(
    'apps/host-agent/src/scripts/read-script.ts',
    'One of three bounds: what one lets through another refuses, but for a file that grows while it is read.',
    [
      ['info.size > mostBytes', 'false'],
      ['bytes.length > mostBytes', 'false'],
      ['position > mostBytes', 'false'],
      ['position > mostBytes', 'position >= mostBytes'],
    ],
  ),
  ...same('apps/host-agent/src/scripts/find-scripts.ts', 'None of its words is a name of a variable.', [["''", '"Stryker was here!"']]),
  ...same(
    'packages/audit-chain/src/verifier-read.ts',
    'Node gives the names of a folder in their order already, which none of its documents promises.',
    [
      [
        `readdirSync(dir) .filter((file) => file.startsWith(\`\${log}-\`) && /^\\d{12,15}\\.log$/.test(file.slice(log.length + 1))) .sort()`,
        `readdirSync(dir).filter(file => file.startsWith(\`\${log}-\`) && /^\\d{12,15}\\.log$/.test(file.slice(log.length + 1)))`,
      ],
    ],
  ),
  ...same('packages/audit-chain/src/verifier-read.ts', 'The first checkpoint of a log is of no row, and names the beginning as its head.', [
    ['firstSeq === 1', 'false'],
  ]),
  ...same('packages/audit-chain/src/verifier-read.ts', 'What is shorter than the end of a row does not end like one.', [
    ['tail < 2', 'false'],
    ['tail < 2', 'tail <= 2'],
  ]),
  ...same('packages/audit-chain/src/verifier.ts', 'To read a log once more than needed finds the same.', [
    ['checkpoint.log === result.log', 'true'],
    ['claimed > result.size', 'true'],
    ['claimed > result.size', 'claimed >= result.size'],
  ]),
  ...same('packages/audit-chain/src/verifier.ts', 'The log was read, so it is there; the default is there for the compiler.', [
    ['[]', '["Stryker was here"]'],
    ['reads[index]?.witnessed', 'reads[index].witnessed'],
  ]),
  ...same('packages/audit-chain/src/verifier-read.ts', 'The name was matched when the folder was read, and the default has no digits.', [
    ["''", '"Stryker was here!"'],
    ['/-(\\d+)\\.log$/', '/-(\\d+)\\.log/'],
  ]),
  ...same('packages/audit-chain/src/verifier-claims.ts', 'Nothing is as little true as false.', [['{ return false }', '{}']]),
  ...same('packages/http-kit/src/mount.ts', 'It keeps the shape of requests for the sake of speed; the field is written all the same.', [
    ["'actor'", '""'],
  ]),
  ...same('packages/http-kit/src/mount.ts', 'A request that breaks off ends as a failure of its body too, and that gives back the same.', [
    ['async (request) => refused(request, options)', '() => undefined'],
  ]),
  ...same('packages/http-kit/src/mount.ts', 'It is any place but the first.', [["'preHandler'", '""']]),
  ...same('packages/http-kit/src/mount.ts', 'Two spellings of one route both have a body, and neither an If-Match.', [
    ["'checkBody'", '""'],
    ["'checkIfMatch'", '""'],
  ]),
  ...same(
    'packages/http-kit/src/mount.ts',
    'It is asked only where there is an older spelling, and what has no names of fields has none of it.',
    [
      ["!older || typeof body !== 'object'", 'false'],
      ["!older || typeof body !== 'object'", "!older && typeof body !== 'object'"],
      ["typeof body !== 'object'", 'false'],
    ],
  ),
  ...same('packages/http-kit/src/mount.ts', 'A route of two spellings declares a body alone.', [
    ["how.httpPart !== 'body' || !action.older", 'false'],
    ["how.httpPart !== 'body' || !action.older", "how.httpPart !== 'body' && !action.older"],
    ["how.httpPart !== 'body'", 'false'],
  ]),
  ...same('packages/log-text/src/mask-secrets.ts', 'Every group that a cover names takes part in each match of its pattern.', [
    ["''", '"Stryker was here!"'],
  ]),
  ...same('packages/log-text/src/mask-secrets.ts', 'It spares most lines the patterns, none of which fits where it does not.', [
    ['!hint.test(text)', 'false'],
  ]),
  ...same('packages/verb-kit/src/serve-verb.ts', 'A request has an address; the default is there for the compiler.', [
    ["''", '"Stryker was here!"'],
    ["(request.url ?? '').split('?')[0]?.slice", "(request.url ?? '').split('?')[0].slice"],
  ]),
  ...same(
    'packages/verb-kit/src/serve-verb.ts',
    'Node gives a head of this name as one text, and one that is sent twice was refused before.',
    [["typeof token === 'string'", 'true']],
  ),
  ...same('packages/verb-kit/src/serve-verb.ts', 'No confirmation is called null.', [['jti', 'true']]),
  ...same('packages/verb-kit/src/serve-verb.ts', 'No argument is called that.', [['[]', '["Stryker was here"]']]),
  ...same('packages/http-kit/src/mount.ts', 'To wait for nothing takes a turn and changes nothing.', [['pending', 'true']]),
]
