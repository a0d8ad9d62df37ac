import type { Guard } from './guard.ts'

const kit = 'packages/backup-kit/src'
const deskTests = [`${kit}/backup-desk.test.ts`]
const planTests = [`${kit}/restore-plan.test.ts`]
const workTests = [`${kit}/work-desk.test.ts`]
const peopleTests = ['apps/platform-service/src/backups.test.ts', 'tests/attacks/restores.test.ts']
const guarded = (file: string, tests: readonly string[], pairs: readonly (readonly [was: string, becomes: string])[]): readonly Guard[] =>
  pairs.map(([was, becomes]) => ({ file, was, becomes, tests }))

/** What judges what is put back into a store that lives on, and keeps one deed at a time. */
export const restoreGuards: readonly Guard[] = [
  ...guarded('apps/platform-service/src/backed-up.ts', peopleTests, [
    ['{ ...live, name: kept.name } : disabled(kept)', 'kept : disabled(kept)'],
    ['{ ...live, name: kept.name } : disabled(kept)', '{ ...live, name: kept.name } : kept'],
  ]),
  ...guarded(`${kit}/plan-restore.ts`, ['apps/platform-service/src/backups.test.ts'], [['one.removable && isNamed(one)', 'isNamed(one)']]),
  ...guarded(`${kit}/plan-restore.ts`, planTests, [
    ['.slice(0, 200).toWellFormed()', '.slice(0, 200)'],
    [
      'for (const one of changes) hash.update(lineOfChange(one))',
      'for (const one of changes.slice(0, 500)) hash.update(lineOfChange(one))',
    ],
  ]),
  ...guarded(`${kit}/carry-out-restore.ts`, planTests, [
    ["    if (now !== was) return 'skipped'\n", ''],
    ['  if (digestOfDoc(live.doc) !== was) return false\n', ''],
  ]),
  ...guarded(`${kit}/restore-desk.ts`, deskTests, [
    ['if (refused)', 'if (false as boolean && refused)'],
    ['if ((await digestOfFile(file)) !== of.sha256)', 'if (false)'],
    ['if ((await digestOfFile(file).catch(refusedAsAnswer)) !== sha256)', 'if (false)'],
    ['              noteRestoring(folder, of, deps.encryptionKeys)\n', ''],
    ["    await receipt(of, 'done', counts, null)\n    forgetRestoring(folder)\n", "    await receipt(of, 'done', counts, null)\n"],
  ]),
  ...guarded(`${kit}/restore-desk.ts`, planTests, [
    ['const changed = await changedSince(changes, kinds)', 'const changed: RestoreChange[] = []'],
  ]),
  ...guarded(`${kit}/restoring.ts`, deskTests, [['if (keys.some((key) => isSame(seal, sealOf(text, key))))', 'if (true as boolean)']]),
  ...guarded(
    `${kit}/plan-shelf.ts`,
    ['apps/platform-service/src/backups.test.ts'],
    [
      ['if (get(digest).used)', 'if (false)'],
      ['if (Date.parse(kept.plan.expiresAt) <= now())', 'if (false)'],
    ],
  ),
  ...guarded(`${kit}/plan-shelf.ts`, planTests, [['plans.size < mostPlans && objects <= mostObjects', 'plans.size < mostPlans']]),
  ...guarded(`${kit}/work-desk.ts`, deskTests, [['    if (work)\n      throw', '    if (false)\n      throw']]),
  ...guarded(`${kit}/backup-desk.ts`, deskTests, [['if (bavail * bsize < needed)', 'if (false)']]),
  ...guarded(`${kit}/kept-free.ts`, deskTests, [['Math.max(16 * mib, Math.min(1_024 * mib, diskBytes / 20))', '16 * mib']]),
  ...guarded(`${kit}/backup-book.ts`, deskTests, [
    ['const own = made.filter(({ doc }) => !wasFound(doc))', 'const own = made'],
    ['Date.parse(head.made.at) > nowMs ? ', 'false ? '],
    ['.slice(0, Math.max(0, mostMore))', ''],
  ]),
  ...guarded('packages/http-kit/src/steps.ts', ['packages/http-kit/src/steps.test.ts'], [["if (factor === 'fresh')", 'if (false)']]),
  ...guarded(
    'packages/http-kit/src/fresh-factor.ts',
    ['packages/http-kit/src/steps.test.ts'],
    [
      ['if (factorAtMs === undefined)', 'if (factorAtMs === undefined) return\n  if (false)'],
      ['nowMs - factorAtMs > freshMs', 'false'],
    ],
  ),
  ...guarded(
    'packages/contracts/src/backups/actions.ts',
    ['apps/platform-service/src/backups.test.ts'],
    [["      factor: 'fresh',\n", '']],
  ),
  ...guarded(
    'apps/devops-backend/src/authenticate.ts',
    ['apps/devops-backend/src/authenticate.test.ts'],
    [["kind === 'session' ? authTimeOf(accessToken) : null", 'authTimeOf(accessToken)']],
  ),
  ...guarded('packages/backups/src/read-backup.ts', workTests, [['constants.O_RDONLY | constants.O_NOFOLLOW | ', 'constants.O_RDONLY | ']]),
]
