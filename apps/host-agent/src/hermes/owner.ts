import { spawnSync } from 'node:child_process'
import type { Reason } from './probe/section.ts'

/** The account of an instance; null ids where it is the agent's own. */
export type Owner = { readonly uid: number | null; readonly gid: number | null; readonly home: string; readonly ownUid: number }

/** Whom a home belongs to, or why nothing can be done as that account. */
export function ownerOf(user: string, uid: number): Owner | Reason {
  const entry = /^[a-z_][a-z0-9_-]{0,31}$/.test(user)
    ? spawnSync('/usr/bin/getent', ['passwd', user], { encoding: 'utf8', timeout: 5_000 }).stdout.trim().split(':')
    : []
  const [name, , ownUid, gid, , home = '/'] = entry
  if (entry.length < 7 || name !== user) return 'no_such_user'
  if (uid !== 0 && Number(ownUid) !== uid) return 'needs_root'
  const changes = uid === 0 && Number(ownUid) !== 0
  return { uid: changes ? Number(ownUid) : null, gid: changes ? Number(gid) : null, home, ownUid: Number(ownUid) }
}
