import { readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { readPlainFile } from './plain-file.ts'

const zone = /^[A-Za-z][A-Za-z0-9_+-]{0,30}(?:\/[A-Za-z0-9_+-]{1,30}){0,2}$/

/** The name of the zone in which cron reads its hours: what `/etc/localtime` points at, else `/etc/timezone`; `UTC` where neither says. */
export function readTimeZone(root: string): string {
  const linked = linkOf(join(root, '/etc/localtime')).split('/zoneinfo/')[1]
  const read = readPlainFile(join(root, '/etc/timezone'), 1_024)
  const named = 'why' in read ? '' : read.text.trim()
  return [linked, named].find((name) => name !== undefined && zone.test(name)) ?? 'UTC'
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}
