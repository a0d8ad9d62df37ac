/**
 * One process of viewers, so that what they cost is not taken for ours: reads event streams of an API to the line `END`. Its orders come as
 * JSON in the first argument; `open` on its output says that all streams are, and its last line is what each has seen.
 */
import { follow } from './follow.ts'

export type Seen = { readonly lines: number; readonly skipped: number; readonly bytes: number }
export type Orders = { readonly url: string; readonly cookies: readonly string[]; readonly gzip: boolean }

const { url, cookies, gzip } = JSON.parse(process.argv[2] ?? '{}') as Orders
const streams = await Promise.all(cookies.map((cookie) => follow(url, { cookie, ...(!gzip && { 'accept-encoding': 'identity' }) })))
process.stdout.write('open\n')
const seen = await Promise.all(streams.map(read))
process.stdout.write(`${JSON.stringify(seen)}\n`)

/** Counts without reading the JSON, so that twenty viewers fit on a small machine: the lines of this bench hold no quotes. */
async function read(stream: Awaited<ReturnType<typeof follow>>): Promise<Seen> {
  let [lines, skipped] = [0, 0]
  for await (const { event, data } of stream.events) {
    if (event !== 'lines') continue
    for (let at = data.indexOf('"text":"'); at >= 0; at = data.indexOf('"text":"', at + 8)) lines += 1
    skipped += Number(/"skipped":(\d+)/.exec(data)?.[1] ?? 0)
    if (data.includes('"text":"END"')) break
  }
  const bytes = stream.bytes()
  stream.close()
  return { lines, skipped, bytes }
}
