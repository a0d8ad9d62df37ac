import { readPlainFile } from './plain-file.ts'

export type Account = { readonly name: string; readonly uid: number; readonly gid: number; readonly home: string }
export type Accounts = { byName(name: string): Account | null; byUid(uid: number): Account | null }

const mostBytes = 1_048_576

/** The accounts of `/etc/passwd` below a root. `man 5 passwd`. */
export function readAccounts(root: string): Accounts {
  const read = readPlainFile(`${root}/etc/passwd`, mostBytes)
  const all = 'why' in read ? [] : read.text.split('\n').flatMap(accountIn)
  const names = new Map(all.map((account) => [account.name, account]))
  const uids = new Map(all.toReversed().map((account) => [account.uid, account]))
  return { byName: (name) => names.get(name) ?? null, byUid: (uid) => uids.get(uid) ?? null }
}

function accountIn(line: string): Account[] {
  const [name = '', , uid = '', gid = '', , home = ''] = line.split(':')
  return name !== '' && /^[0-9]{1,10}$/.test(uid) && /^[0-9]{1,10}$/.test(gid) ? [{ name, uid: Number(uid), gid: Number(gid), home }] : []
}
