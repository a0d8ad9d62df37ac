import { appendFileSync } from 'node:fs'
import process from 'node:process'

/** Whether the big numbers are wanted: `pnpm test:deep` sets CONSOLE_DEEP. */
export const isDeep = process.env.CONSOLE_DEEP === '1'

/** How often to repeat: little in the daily test, as often as was promised in the deep one. */
export const rounds = ({ test, deep }: { readonly test: number; readonly deep: number }): number => (isDeep ? deep : test)

/** How long the soak lasts: an hour in the deep test, as long as SOAK_MINUTES says by hand; null where it does not run. */
export const soakMinutes = process.env.SOAK_MINUTES ? Number(process.env.SOAK_MINUTES) : isDeep ? 60 : null

/** Puts a figure into the result file of the part of the deep test that runs; elsewhere it is only a word on the way. */
export function reportFigure(name: string, value: number | string): void {
  const file = process.env.CONSOLE_DEEP_FIGURES
  if (file) appendFileSync(file, `${JSON.stringify({ name, value })}\n`)
}
