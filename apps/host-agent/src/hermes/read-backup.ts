import { cleanLogText } from '@console/log-text/clean-log-text'
import { maskSecrets } from '@console/log-text/mask-secrets'
import type { Owner } from './owner.ts'
import type { Reason } from './probe/section.ts'
import { runAs } from './run-as.ts'

/** The repository that an agent backs itself up to. `none` where none is set up. */
export type BackupFacts = {
  readonly status: 'up' | 'unknown' | 'none'
  readonly reason: Reason | null
  readonly changedFiles: number | null
  /** Commits that its remote does not have; null where there is no remote. */
  readonly ahead: number | null
  readonly sizeBytes: number | null
  readonly commits: readonly { readonly hash: string; readonly at: string; readonly subject: string }[]
}

const nothing = { changedFiles: null, ahead: null, sizeBytes: null, commits: [] } as const
/** No lock is taken, and nothing that the repository's own settings name is started. */
const env = { GIT_OPTIONAL_LOCKS: '0', GIT_TERMINAL_PROMPT: '0', GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' }

export async function readBackup(repo: string | null, owner: Owner): Promise<BackupFacts> {
  if (repo === null) return { status: 'none', reason: null, ...nothing }
  const git = (...args: string[]) =>
    runAs(owner, '/usr/bin/git', ['-C', repo, '-c', 'core.fsmonitor=false', '-c', 'core.hooksPath=/dev/null', ...args], env)
  const [log, status, objects] = await Promise.all([
    git('log', '-n', '5', '--no-show-signature', '--pretty=format:%H%x1f%ct%x1f%s'),
    git('status', '--porcelain=v2', '--branch'),
    git('count-objects', '-v'),
  ])
  if (log.status !== 0) return { status: 'unknown', reason: log.status === null ? 'timeout' : 'not_initialised', ...nothing }
  return {
    status: 'up',
    reason: null,
    ...backupOf({ log: log.text, status: status.status === 0 ? status.text : null, objects: objects.text }),
  }
}

/** What the three answers of git say. */
export function backupOf({ log, status, objects }: { readonly log: string; readonly status: string | null; readonly objects: string }) {
  const commits = log.split('\n').flatMap((line) => {
    const [hash = '', at = '', subject = ''] = line.split('\u001f')
    if (!/^[0-9a-f]{40,64}$/.test(hash) || !/^[0-9]{1,11}$/.test(at)) return []
    return [
      {
        hash,
        at: new Date(Number(at) * 1_000).toISOString(),
        subject: cleanLogText(maskSecrets(subject).text).slice(0, 200).toWellFormed(),
      },
    ]
  })
  const kib = (name: string): number => Number(new RegExp(`^${name}: ([0-9]{1,12})$`, 'm').exec(objects)?.[1] ?? 0)
  const ahead = /^# branch\.ab \+([0-9]{1,9}) /m.exec(status ?? '')?.[1]
  return {
    changedFiles: status === null ? null : status.split('\n').filter((line) => /^[12u?] /.test(line)).length,
    ahead: ahead === undefined ? null : Number(ahead),
    sizeBytes: (kib('size') + kib('size-pack')) * 1_024,
    commits,
  }
}
