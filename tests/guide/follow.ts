import type { GuideMachine } from '@console/testkit/guide-machine'
import { expect } from 'vitest'
import { textOf } from '../source-files.ts'
import { commandsOf, type Shown } from './commands.ts'

/** What is to be known of a command beside its text. */
type Step = {
  /** The command, of a block its beginning. A step belongs to the next such command; each is used once. */
  readonly at: string
  /** What is done before it: what the document takes for granted, or tells to do by hand. */
  readonly before?: () => Promise<unknown> | unknown
  /** What it must print. */
  readonly sees?: RegExp | readonly RegExp[]
  /** What is so once it has run. */
  readonly after?: (output: string) => Promise<unknown> | unknown
  /** It goes on until somebody ends it, which is done after so many seconds; what follows a log is such a command anyway. */
  readonly endsAfter?: number
  /** How it ends, where the document says that it fails. */
  readonly status?: number
  /** The folder, where the document has named another one. */
  readonly cwd?: string
}
/** A document, and how somebody follows it. */
export type Walk = {
  readonly document: string
  readonly steps: readonly Step[]
  /** What stands for what the reader has to fill in, such as names and files. */
  readonly words?: Readonly<Record<string, string | (() => string)>>
  /** A part of it: from a heading on, or up to it. */
  readonly from?: string
  readonly until?: string
}
type Followed = { readonly run: number; readonly notRun: readonly Shown[] }

/** Runs each command of a document on the machine, as root in the checkout, in the order in which they stand there. */
export async function follow(machine: GuideMachine, { document, steps, words = {}, from, until }: Walk): Promise<Followed> {
  const left = [...steps]
  const notRun: Shown[] = []
  let run = 0
  for (const shown of partOf(document, from, until)) {
    if (shown.notRun !== undefined) {
      notRun.push(shown)
      continue
    }
    const where = `${document}:${shown.line}`
    const index = left.findIndex(({ at }) => (shown.kind === 'block' ? shown.text.startsWith(at) : shown.text === at))
    const [step] = index < 0 ? [] : left.splice(index, 1)
    await step?.before?.()
    const text = Object.entries(words).reduce(
      (so, [word, value]) => so.replaceAll(word, typeof value === 'string' ? value : value()),
      shown.text,
    )
    const started = performance.now()
    // Somebody sits at the keyboard and says yes where it is asked.
    const endsAfter = step?.endsAfter ?? (/^\S*deploy\.sh logs/.test(text) ? 8 : undefined)
    const asks = /(^|\n)\S*deploy\.sh /.test(text) && endsAfter === undefined
    const how = { cwd: step?.cwd ?? checkout, ...(asks && { answer: 'yes' }), ...(endsAfter !== undefined && { seconds: endsAfter }) }
    const { status, output } = await machine.run(text, how)
    process.stdout.write(`${where} ${Math.round((performance.now() - started) / 1_000)} s: ${text.split('\n')[0]}\n`)
    const said = `${where}\n${text}\nended with ${status} and said:\n${output.slice(-6_000)}`
    expect(status, said).toBe(endsAfter === undefined ? (step?.status ?? 0) : 124)
    for (const seen of [step?.sees ?? []].flat()) expect(seen.test(output), `${seen} is not in what was said: ${said}`).toBe(true)
    await step?.after?.(output)
    run += 1
  }
  expect({ document, left: left.map(({ at }) => at) }).toEqual({ document, left: [] })
  return { run, notRun }
}

function partOf(document: string, from: string | undefined, until: string | undefined): Shown[] {
  const text = textOf(document)
  const lineOf = (heading: string): number => {
    const line = text.split('\n').indexOf(heading) + 1
    if (line === 0) throw new Error(`${document} has no line ${heading}`)
    return line
  }
  const [first, end] = [from === undefined ? 0 : lineOf(from), until === undefined ? Number.POSITIVE_INFINITY : lineOf(until)]
  return commandsOf(text).filter(({ line }) => line > first && line < end)
}

/** Where the guide puts the sources. */
export const checkout = '/opt/console'
