import { DaemonError } from '@console/verb-kit/problem'
import { parseStrictJson } from '@console/verbs/json-strict'
import type { ScriptName } from './known-scripts.ts'

/** What a script of the VM answered, held against one shape: exactly these fields, each of its kind. Anything else is refused whole. */
export type Answer = ReturnType<typeof readAnswer>

export function readAnswer(name: ScriptName, text: string) {
  const unreadable = (): DaemonError =>
    new DaemonError('VM_SCRIPT_FAILED', 502, `${name} answered what cannot be read. Run it by hand on the host.`)
  const parse = (): unknown => {
    try {
      return parseStrictJson(text)
    } catch {
      throw unreadable()
    }
  }
  return {
    value: parse(),
    unreadable,
    object<const N extends string>(value: unknown, names: readonly N[]): Record<N, unknown> {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) throw unreadable()
      if (Object.keys(value).sort().join() !== [...names].sort().join()) throw unreadable()
      return value as Record<N, unknown>
    },
    list(value: unknown, most: number): readonly unknown[] {
      if (!Array.isArray(value) || value.length > most) throw unreadable()
      return value
    },
    text(value: unknown, longest: number, pattern?: RegExp): string {
      if (typeof value !== 'string' || value.length > longest || (pattern && !pattern.test(value))) throw unreadable()
      return value
    },
    count(value: unknown): number {
      if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw unreadable()
      return value
    },
    word<const W extends string>(value: unknown, words: readonly W[]): W {
      const known = words.find((word) => word === value)
      if (known === undefined) throw unreadable()
      return known
    },
  }
}
