import type { StatusKind } from '@console/ui/status.tsx'

export type LookLine = { readonly at: string | null; readonly kind: StatusKind; readonly text: string }

const levels: Readonly<Record<string, StatusKind>> = { ok: 'ok', warn: 'warn', fail: 'bad', acted: 'interrupted' }

/** A line as our scripts write it: time, level, sentence. Whatever else stands in the file is shown as it is, without a mark. */
export function lookLineOf(text: string): LookLine {
  const [, at, level = '', rest = ''] = /^([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z) ([a-z]{1,8}) (.*)$/.exec(text) ?? []
  const kind = Object.hasOwn(levels, level) ? levels[level] : undefined
  if (at === undefined || kind === undefined || Number.isNaN(Date.parse(at))) return { at: null, kind: 'rest', text }
  return { at: new Date(at).toISOString(), kind, text: rest }
}
