import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { expect, test } from 'vitest'
import { isDeep } from './deep.ts'

/** The three things that an attack case has to do; each is counted when its body ran to the end. */
export type Trial = {
  /** The attack itself, and that it was refused or came to nothing. */
  attack(what: string, body: () => Promise<void> | void): Promise<void>
  /** The same with one thing changed, and that it succeeds: so it was the guard that refused, not the weather. */
  control(what: string, body: () => Promise<void> | void): Promise<void>
  /** What the audit says of the attack. A case whose attack must leave no row looks that there is none. */
  row(what: string, body: () => Promise<void> | void): Promise<void>
}
const deepMs = 3_600_000
/** One case that ran to its end. `engine` is the API of the real engine that it ran on, such as `1.41`, for one that did. */
export type AttackRecord = { readonly id: string; readonly title: string; readonly whole: boolean; readonly engine?: string }

/**
 * One case of the catalogue of attacks. It counts in the coverage only if the attack, its control and the look at the audit row
 * all ran to the end, and it fails when one of them is missing.
 * @param engine the API of the real engine behind it, read when it has run
 */
export function attackCase(
  id: string,
  title: string,
  body: (trial: Trial) => Promise<void>,
  timeoutMs = 60_000,
  engine?: () => string,
): void {
  test(
    `${id} ${title}`,
    async () => {
      const ran = { attack: 0, control: 0, row: 0 }
      const step = (kind: keyof typeof ran) => async (what: string, act: () => Promise<void> | void) => {
        try {
          await act()
        } catch (error) {
          if (error instanceof Error) error.message = `${kind} “${what}”: ${error.message}`
          throw error
        }
        ran[kind] += 1
      }
      await body({ attack: step('attack'), control: step('control'), row: step('row') })
      expect(ran, 'an attack, its control and a look at the audit row').toEqual({
        attack: expect.toSatisfy((count: number) => count > 0),
        control: expect.toSatisfy((count: number) => count > 0),
        row: expect.toSatisfy((count: number) => count > 0),
      })
      record({ id, title, whole: true, ...(engine && { engine: engine() }) })
    },
    // The big numbers take what they take; the part of the deep test that they belong to has its own limit.
    isDeep ? Math.max(timeoutMs, deepMs) : timeoutMs,
  )
}

function record(one: AttackRecord): void {
  const folder = process.env.CONSOLE_ATTACK_RECORDS
  if (folder) appendFileSync(join(folder, `${process.pid}.ndjson`), `${JSON.stringify(one)}\n`)
}
