import { existsSync, lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Accounts } from './accounts.ts'
import { type CronLine, parseCrontab } from './parse-crontab.ts'
import { type PlainFile, readPlainFile } from './plain-file.ts'

/** A job as it was found; `by` says who starts it at its time. */
export type CronJob = CronLine & { readonly source: string; readonly by: 'cron' | 'run-parts' | 'anacron' }
/** A file or a line that cron passes over, or that cannot be read here, and why. */
export type PassedOver = { readonly source: string; readonly line: number | null; readonly why: string }
export type Crontabs = { readonly jobs: readonly CronJob[]; readonly passedOver: readonly PassedOver[]; readonly left: number }

const mostBytes = 262_144
const mostFiles = 300
const mostJobs = 500
/** One account’s endless crontab must not push out those of others. */
const mostOfFile = 100
const mostPassedOver = 100
const mostStrange = 10
const othersWrite = 0o022
const root = 0
/** Names that cron takes in /etc/cron.d and run-parts in its folders: no dot, so that copies of editors and packages do not run. */
const plainName = /^[A-Za-z0-9_-]{1,255}$/
const spools = ['/var/spool/cron/crontabs', '/var/spool/cron']
const runParts = /\brun-parts\s+(?:--?[a-z][a-z-]*\s+)*(\/etc\/cron\.[a-z]{1,20})(?=[\s;)}]|$)/
const ifNoAnacron = /\btest -x \/usr\/sbin\/anacron\s*\|\|/

/** All crontabs of the machine below a folder: those of the system, of packages and of accounts, and what run-parts starts from them. */
export function readCrontabs(base: string, accounts: Accounts): Crontabs {
  const jobs: CronJob[] = []
  const passedOver: PassedOver[] = []
  let cut = 0
  const take = (source: string, account: string | null): void => {
    const read = readPlainFile(join(base, source), mostBytes)
    if ('why' in read) {
      if (!read.missing) passedOver.push({ source, line: null, why: read.why })
      return
    }
    const refused = account === null ? whyNotSystems(read) : whyNotAccounts(read, account, accounts)
    if (refused !== null) return void passedOver.push({ source, line: null, why: refused })
    const { jobs: lines, strange } = parseCrontab(read.text, account)
    passedOver.push(...strange.slice(0, mostStrange).map((one) => ({ source, ...one })))
    cut += Math.max(0, lines.length - mostOfFile) + Math.max(0, strange.length - mostStrange)
    for (const line of lines.slice(0, mostOfFile)) {
      if (!accounts.byName(line.account)) passedOver.push({ source, line: line.line, why: `There is no account ${line.account}.` })
      else jobs.push(...expand(base, { ...line, source, by: 'cron' }, passedOver))
    }
  }
  take('/etc/crontab', null)
  for (const name of namesIn(base, '/etc/cron.d', passedOver)) {
    if (plainName.test(name)) take(`/etc/cron.d/${name}`, null)
    else if (!name.startsWith('.'))
      passedOver.push({ source: `/etc/cron.d/${name}`, line: null, why: 'Cron takes no file of such a name.' })
  }
  const spool = spools.find((folder) => existsSync(join(base, folder)))
  if (spool) for (const name of namesIn(base, spool, passedOver)) if (!isFolder(join(base, spool, name))) take(`${spool}/${name}`, name)
  const left = cut + Math.max(0, jobs.length - mostJobs) + Math.max(0, passedOver.length - mostPassedOver)
  return { jobs: jobs.slice(0, mostJobs), passedOver: passedOver.slice(0, mostPassedOver), left }
}

/** A line that starts all of a folder stands for each program in it. */
function expand(base: string, job: CronJob, passedOver: PassedOver[]): CronJob[] {
  const folder = runParts.exec(job.command)?.[1]
  if (folder === undefined) return [job]
  const by = ifNoAnacron.test(job.command) && existsSync(join(base, '/usr/sbin/anacron')) ? 'anacron' : 'run-parts'
  return namesIn(base, folder, passedOver)
    .filter((name) => plainName.test(name) && (lstatSync(join(base, folder, name), { throwIfNoEntry: false })?.mode ?? 0) & 0o111)
    .map((name) => ({ ...job, by, source: `${folder}/${name}`, command: `${folder}/${name}` }))
}

/** As cron judges files that name accounts: whoever may write one may be any account. */
function whyNotSystems({ uid, mode }: PlainFile): string | null {
  if (uid !== root) return 'Cron passes it over: it does not belong to root.'
  return (mode & othersWrite) !== 0 ? 'Cron passes it over: others than root may write it.' : null
}

function whyNotAccounts({ uid, mode, links }: PlainFile, name: string, accounts: Accounts): string | null {
  const account = accounts.byName(name)
  if (!account) return 'Cron passes it over: there is no such account.'
  if (uid !== account.uid && uid !== root) return 'Cron passes it over: it belongs to another account.'
  if (links !== 1) return 'Cron passes it over: it has a second name elsewhere.'
  return (mode & othersWrite) !== 0 ? 'Cron passes it over: others may write it.' : null
}

function namesIn(base: string, folder: string, passedOver: PassedOver[]): string[] {
  try {
    const names = readdirSync(join(base, folder)).sort()
    if (names.length > mostFiles)
      passedOver.push({ source: folder, line: null, why: `Of ${names.length} files ${mostFiles} were looked at.` })
    return names.slice(0, mostFiles)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'ENOENT' && code !== 'ENOTDIR') passedOver.push({ source: folder, line: null, why: `It cannot be listed: ${code}.` })
    return []
  }
}

function isFolder(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() ?? true
}
