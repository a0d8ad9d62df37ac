import type { Guard } from './guard.ts'

const chain = 'packages/audit-chain/src'
const guarded = (file: string, tests: readonly string[], pairs: readonly (readonly [was: string, becomes: string])[]): readonly Guard[] =>
  pairs.map(([was, becomes]) => ({ file: `${chain}/${file}.ts`, was, becomes, tests }))
const attacks = ['tests/attacks/audit-log-restores.test.ts']
const restores = [`${chain}/verifier-restores.test.ts`]

/** What keeps a restore from being the excuse for anything else, and the witnesses from forgetting more than it took away. */
export const logGuards: readonly Guard[] = [
  ...guarded('verifier-restores', attacks, [
    ['    if (!one.places.has(log)) one.places.set(log, seq)', '    one.places.set(log, seq)'],
    ['  if (seq === undefined) return read.firstSeq > came.rows + 1\n', '  if (seq === undefined) return true\n'],
    [' || read.headAt(came.rows) === came.head', ' || true'],
    ['filter(({ places }) => ![...restoredLogs, ...places.keys()].some((log) => broken.has(log)))', 'slice()'],
    ['holder === undefined && checkpoint.size', 'checkpoint.size'],
    [' && checkpoint.size > came.rows', ''],
    [' && seq < (places.get(by) ?? 0)', ''],
    ["restore.hostAgent !== 'none' || ", ''],
    [' && seq <= holder.rows', ''],
    ['said: JSON.stringify([requestId, target, details])', 'said: String(requestId)'],
  ]),
  ...guarded('verifier-restores', restores, [
    ["action !== 'console.restore.run' || outcome !== 'done' || details?.told !== true", "action !== 'console.restore.run'"],
    ["actor.kind !== 'service' || actor.id !== 'deploy.sh'", 'false'],
    ['bearing.length >= 2 && ', ''],
  ]),
  ...guarded('verifier', attacks, [['seq: Number.POSITIVE_INFINITY', 'seq: 0']]),
  ...guarded('chain-state', restores, [
    [' && checkpoint.size > came.rows', ''],
    ["hostAgent === 'none'", 'true'],
  ]),
  ...[
    ['if is_our_agent || [[ ! -f $agent_unit && -d $agent_data ]]; then', 'if [[ -d $agent_data ]]; then'],
    ['    if is_our_agent && [[ -d $agent_data ]]; then', '    if [[ -d $agent_data ]]; then'],
    ['[[ -f $row && ! -L $row ]] || continue', '[[ -f $row ]] || continue'],
  ].map(([was = '', becomes = '']) => ({ file: 'deploy/backups.sh', was, becomes, tests: ['tests/deploy/told-host-agent.test.ts'] })),
]
