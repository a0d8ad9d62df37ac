import type { Guard } from './guard.ts'

const kit = 'packages/backup-kit/src'
const kitTests = [`${kit}/backup-desk.test.ts`]
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
  ...guarded(`${kit}/carry-out-restore.ts`, kitTests, [["if ((live === null) !== (change === 'add')) return 'skipped'", '']]),
  ...guarded(`${kit}/restore-desk.ts`, kitTests, [
    ['if (refused)', 'if (false as boolean && refused)'],
    ['if ((await digestOfFile(file)) !== of.sha256)', 'if (false)'],
    ['          noteRestoring(folder, of)\n', ''],
    ['    forgetRestoring(folder)\n    deps.restored?.()\n    return', '    deps.restored?.()\n    return'],
  ]),
  ...guarded(
    `${kit}/restore-desk.ts`,
    ['apps/platform-service/src/backups.test.ts'],
    [
      ['if (kept.used)', 'if (false)'],
      ['if (Date.parse(kept.plan.expiresAt) <= deps.now())', 'if (false)'],
    ],
  ),
  ...guarded(`${kit}/backup-desk.ts`, kitTests, [
    ['    if (work)\n      throw', '    if (false)\n      throw'],
    ['if (bavail * bsize < needed)', 'if (false)'],
  ]),
]
