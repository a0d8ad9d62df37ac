import { connect } from 'node:net'
import type { As } from '@console/testkit/daemon-harness'
import { isDeep } from '@console/testkit/deep'
import type { ProxyFront } from '@console/testkit/proxy-front'
import fc from 'fast-check'
import { type Mutated, mutatedRequest, tokenMark } from './mutated-requests.ts'

const together = 50
const quietMs = 60
const seed = 20_261_128
const callers: readonly As[] = ['service', 'admin', 'operator', 'viewer']

/**
 * Sends so many changed requests, fifty at once, and lets each group be checked. @returns how often each state was answered, in order
 * @param containers the full id of one, and the names of three
 */
export async function sendMutated(
  { kit }: ProxyFront,
  { count, containers, check }: { count: number; containers: { id: string; names: readonly string[] }; check: () => void },
): Promise<[string, number][]> {
  const states = new Map<string, number>()
  const batch = fc.array(mutatedRequest(containers.id, containers.names), { minLength: together, maxLength: together })
  await fc.assert(
    fc.asyncProperty(batch, async (all) => {
      kit.nextPerson()
      const tokens = new Map(callers.map((as) => [as, kit.headersFor(as).authorization?.replace('Bearer ', '') ?? '']))
      for (const text of await Promise.all(all.map((one) => send(kit.socketPath, one, tokens.get(one.as) ?? '')))) {
        const state = /^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 'none'
        states.set(state, (states.get(state) ?? 0) + 1)
      }
      check()
    }),
    { numRuns: count / together, seed, endOnFailure: isDeep },
  )
  return [...states].sort()
}

/** Sends it, and hears the beginning of what is answered. Where nothing comes, its end is told: it may be half a request. */
function send(socketPath: string, { pieces }: Mutated, token: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(socketPath)
    let text = ''
    const silence = setTimeout(() => socket.end(), quietMs)
    const most = setTimeout(() => socket.destroy(), 5_000)
    let enough: NodeJS.Timeout | undefined
    socket.on('error', () => undefined)
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
      clearTimeout(silence)
      enough ??= setTimeout(() => socket.destroy(), 10)
    })
    socket.once('close', () => {
      for (const timer of [silence, most, enough]) clearTimeout(timer)
      resolve(text)
    })
    const [first = '', ...rest] = pieces.map((piece) => Buffer.from(piece.replaceAll(tokenMark, token), 'latin1'))
    socket.write(first)
    setImmediate(() => {
      for (const piece of rest) socket.write(piece)
    })
  })
}
