import type { Guard } from './guard.ts'

type Pairs = readonly (readonly [was: string, becomes: string])[]
const of = (file: string, tests: readonly string[], pairs: Pairs): readonly Guard[] =>
  pairs.map(([was, becomes]) => ({ file, was, becomes, tests }))
const store = (name: string, pairs: Pairs, tests: readonly string[] = [name]): readonly Guard[] =>
  of(
    `packages/store/src/${name}.ts`,
    tests.map((test) => `packages/store/src/${test}.test.ts`),
    pairs,
  )

/** What keeps documents from being lost, doubled, written over or sent to somebody else: both drivers, a lease, copies, exports, migrations, older people. */
export const storeGuards: readonly Guard[] = [
  ...store(
    'rules',
    [
      ['if (Buffer.byteLength(text) > mostBytes) throw', 'if (false) throw'],
      ['if (required.has(field)) throw', 'if (false) throw'],
      ['if (!isOfKind(value, kind)) throw', 'if (false) throw'],
      ['if (depth > mostDepth) throw', 'if (false) throw'],
      ["if (!value.isWellFormed() || value.includes('\\0')) throw", 'if (false) throw'],
      ['if (!Number.isInteger(limit) || limit < 1 || limit > mostLimit) throw', 'if (false) throw'],
      ['if (order && !declaration.sort?.includes(order.f)) throw', 'if (false) throw'],
      ['if (ops.length < 1 || ops.length > 99) throw', 'if (false) throw'],
      ["if (log && ops.some(({ op }) => op !== 'insert')) throw", 'if (false) throw'],
      ['  if (log) throw', '  if (false) throw'],
    ],
    ['sqlite'],
  ),
  ...store('cursor', [['binding === bindingOf(collection, pk, query) && ', '']], ['sqlite']),
  ...store('cosmos', [
    [
      "{ type: 'IfMatch', condition: ifMatch }\n      return writePatiently",
      "{ type: 'IfMatch', condition: '*' }\n      return writePatiently",
    ],
    ['return found?.o === item.o ? stored(found) : null', 'return found ? stored(found) : null'],
    ['readBack: async () => null,', 'readBack: async () => undefined,'],
    ['statusCode >= 400 && statusCode !== 424', 'statusCode >= 500'],
    ['if (!found.some((one) => one?.o === o)) return null', ''],
    ['ifMatch: op.ifMatch } as OperationInput', '} as OperationInput'],
  ]),
  ...store('cosmos-errors', [
    ["cause.code === 'away' ? 'again' : 'verdict'", "'again'"],
    ["typeof cause.code === 'string' && neverSent.has(cause.code)", "typeof cause.code === 'string'"],
    [
      "return fail('unsure', 'Unavailable', `the store failed (${code})`)",
      "return fail('again', 'Unavailable', `the store failed (${code})`)",
    ],
    ['if (substatus === 1003) return', 'if (false) return'],
  ]),
  ...store(
    'cosmos-containers',
    [
      ['if (drift.length > 0) throw', 'if (false) throw'],
      ['if (partitions(wanted) !== partitions(found))', 'if (false)'],
      ['if (extra.length > 0)', 'if (false)'],
      ['if ((found.defaultTtl ?? -1) > 0)', 'if (false)'],
    ],
    ['cosmos'],
  ),
  ...store('lease', [
    ['if (lost || now() >= untilMs)', 'if (lost)'],
    ["else if (code === 'Precondition' || code === 'NotFound') lost = true", ''],
    ['if (found?.doc.holder === holder) etag = found.etag', 'if (found) etag = found.etag'],
  ]),
  ...store('copy-store', [
    ['  await assertTakes(from, to, declarations)\n', ''],
    ['if (here && lineHash(pk, id, here.doc) === lineHash(pk, id, doc)) continue', 'continue'],
    ['if (!there || lineHash(pk, id, there.doc) !== lineHash(pk, id, doc))', 'if (false)'],
    ['if (source.documents !== copied.documents || source.sha256 !== copied.sha256)', 'if (false)'],
  ]),
  ...store('store-commands', [
    ["if (source.driver === 'sqlite' && !existsSync(source.file))", 'if (false)'],
    ["if (trial !== undefined && trial !== '--dry-run') return null", ''],
    ['assertTakes(from, into, collections)', 'Promise.resolve()'],
    ['if (differing > 0) throw', 'if (false) throw'],
    ["if (used.driver === 'sqlite') throw", 'if (false) throw'],
  ]),
  ...store('migrations', [
    ['if (ids.some((id, at) => !/^\\d{4}-[a-z0-9-]+$/.test(id) || ', 'if (ids.some((id, at) => '],
    ["|| (at > 0 && id <= (ids[at - 1] ?? ''))", ''],
    ["if (kept?.doc.state === 'done')", 'if (false)'],
    ['let { seen, changed, after } = from', 'let { seen, changed, after } = { ...from, after: undefined as string | undefined }'],
    ['if (write) await documents.replace', 'await documents.replace'],
  ]),
  ...store('export-store', [
    ['(pk !== migrationsPartition || id === leaseAt.id)', 'false'],
    ['    filling.close()\n    forget()\n    throw error', '    filling.close()\n    throw error'],
  ]),
  ...store('audit-copy', [['else if (there.doc.hash !== row.hash)', 'else if (false)']]),
  ...of(
    'packages/tokens/src/key-vault.ts',
    ['packages/testkit/src/key-vault-peer.test.ts'],
    [
      ['now() >= token.untilMs', 'false'],
      ["answer.status === 404 && answer.json.error?.code === 'SecretNotFound'", 'answer.status === 404'],
      ["if (answer.status !== 200 || typeof answer.json.value !== 'string') throw", 'if (false) throw'],
    ],
  ),
  ...of(
    'apps/platform-service/src/import-legacy.ts',
    ['apps/platform-service/src/import-legacy.test.ts'],
    [
      ["if (settings.driver !== 'cosmos') throw", 'if (false) throw'],
      ["openSync(file, 'wx', 0o600)", "openSync(file, 'w', 0o600)"],
      ["openSync(file, 'wx', 0o600)", "openSync(file, 'wx', 0o644)"],
      ["!['--database', '--out'].includes(name) || value === '' || given.has(name)", "value === ''"],
      ['if (out === null) return', 'if (false) return'],
    ],
  ),
  ...of(
    'apps/platform-service/src/legacy-people.ts',
    ['apps/platform-service/src/import-legacy.test.ts'],
    [
      ['if (!known.has(userId)) refuse', 'if (false) refuse'],
      ['seen.has(read.row.email) ?', 'false ?'],
      ['new Set(products).size === products.length ?', 'true ?'],
      ['if (!success) {', 'if (false) {'],
    ],
  ),
]
