import { closeSync, constants, fstatSync, openSync, readlinkSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { cleanLogText } from '@console/log-text/clean-log-text'
import { maskSecrets } from '@console/log-text/mask-secrets'
import type { ArgsOf } from '@console/verbs/verb'
import type { readVmLog } from '@console/verbs/vm'

export type LogName = ArgsOf<typeof readVmLog>['log']
/** The end of one file, oldest line first. `missing` where nothing wrote it yet; `refused` with the reason where it is not read. */
export type LogTail = {
  readonly log: LogName
  readonly path: string
  readonly state: 'there' | 'missing' | 'refused'
  readonly reason: string | null
  readonly sizeBytes: number
  readonly changedAt: string | null
  readonly lines: readonly { readonly text: string; readonly masked: number; readonly cut: boolean }[]
  /** There is more above. */
  readonly more: boolean
}

/** The three files, and no other: no path is ever asked for. */
const paths: Readonly<Record<LogName, string>> = {
  cleanup: '/var/log/vm-cleanup.log',
  'health-check': '/var/log/vm-health-check.log',
  watchdog: '/var/log/docker-watchdog.log',
}
const mostBytes = 262_144
const longestLine = 2_000

/**
 * Reads the end of a log by descriptor: through no link, from an ordinary file with one name only, so that whoever may write in the folder
 * cannot have another file shown. Secrets are covered before lines are cut, control sequences are taken out.
 * @param root `/`, or the folder below which the files of the host lie
 */
export function readLogTail(root: string, log: LogName, most: number): LogTail {
  const told = { log, path: paths[log], reason: null, sizeBytes: 0, changedAt: null, lines: [], more: false } as const
  const refused = (reason: string): LogTail => ({ ...told, state: 'refused', reason })
  const path = join(root, paths[log])
  let fd: number
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return { ...told, state: 'missing' }
    return refused(code === 'ELOOP' ? 'It is a symbolic link.' : `It cannot be opened: ${code}.`)
  }
  try {
    if (readlinkSync(`/proc/self/fd/${fd}`) !== path) return refused('A folder above it is a symbolic link.')
    const info = fstatSync(fd)
    if (!info.isFile()) return refused('It is no ordinary file.')
    if (info.nlink !== 1) return refused('It has a second name elsewhere.')
    const { lines, more } = linesOf(fd, info.size, most)
    return { ...told, state: 'there', sizeBytes: info.size, changedAt: info.mtime.toISOString(), lines, more }
  } finally {
    closeSync(fd)
  }
}

function linesOf(fd: number, size: number, most: number): Pick<LogTail, 'lines' | 'more'> {
  const from = Math.max(0, size - mostBytes)
  const buffer = Buffer.alloc(Math.min(size, mostBytes))
  const read = buffer.subarray(0, readSync(fd, buffer, 0, buffer.length, from))
  // What begins in the middle is no line: half a secret would not be known for one.
  const begins = from === 0 ? 0 : read.includes(10) ? read.indexOf(10) + 1 : read.length
  const whole = read.subarray(begins)
  const texts = whole.toString('utf8').split('\n')
  if (texts.at(-1) === '') texts.pop()
  const lines = texts.slice(-most).map((text) => {
    const covered = maskSecrets(text)
    const shown = cleanLogText(covered.text)
    return { text: shown.slice(0, longestLine).toWellFormed(), masked: covered.masked, cut: shown.length > longestLine }
  })
  return { lines, more: from > 0 || texts.length > most }
}
