import { connect } from 'node:net'
import { type As, until } from '@console/testkit/daemon-harness'
import { isDeep, reportFigure, rounds } from '@console/testkit/deep'
import { idOf } from '@console/testkit/fake-container'
import { type ProxyRig, startProxyRig } from '@console/testkit/proxy-rig'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { expectNothingElse, strangers } from './engine-templates.ts'
import { type Mutated, mutatedRequest, tokenMark } from './mutated-requests.ts'

let rig: ProxyRig
const others = ['beta', 'gamma', 'delta'].map((name, at) => ({ id: idOf(`b${at}`), name }))
beforeAll(async () => {
  rig = await startProxyRig()
  for (const one of others) rig.engine.add(one)
  for (const { name } of others)
    await until(
      'the model knows it',
      async () => (await rig.kit.ask('containers.inspect', { container: name }, 'service')).status === 200,
      30_000,
    )
})
afterAll(() => rig?.stop())

const together = 50
const quietMs = 60
const seed = 20_261_128

/** Sends it, and hears the beginning of what is answered. Where nothing comes, its end is told: it may be half a request. */
function send({ pieces }: Mutated, token: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(rig.kit.socketPath)
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

const callers: readonly As[] = ['service', 'admin', 'operator', 'viewer']
const tokenFor = (as: As): string => rig.kit.headersFor(as).authorization?.replace('Bearer ', '') ?? ''

it(
  'gives the engine requests of its own making alone, whatever is sent',
  async () => {
    const before = await rig.refusals()
    const states = new Map<string, number>()
    const known = { version: '1.41', ids: [...rig.engine.containers.keys()] }
    const count = rounds({ test: 2_000, deep: 100_000 })
    const batch = fc.array(mutatedRequest(rig.alpha.id), { minLength: together, maxLength: together })
    let checked = 0
    await fc.assert(
      fc.asyncProperty(batch, async (all) => {
        rig.kit.nextPerson()
        const tokens = new Map(callers.map((as) => [as, tokenFor(as)]))
        for (const text of await Promise.all(all.map((one) => send(one, tokens.get(one.as) ?? '')))) {
          const state = /^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 'none'
          states.set(state, (states.get(state) ?? 0) + 1)
        }
        const reached = rig.engine.requests.slice(checked)
        checked += reached.length
        expect(strangers(reached, known)).toEqual([])
      }),
      { numRuns: count / together, seed, endOnFailure: isDeep },
    )
    const told = [...states].sort()
    reportFigure('changed requests', count)
    reportFigure('answered with', told.map(([state, times]) => `${state}: ${times}`).join(', '))
    reportFigure('requests at the engine, all of the templates', rig.engine.requests.length)
    // Many were served and many refused, and what was refused is on record.
    const refused = told.filter(([state]) => /^[45]/.test(state)).reduce((sum, [, times]) => sum + times, 0)
    expect(states.get('200') ?? 0).toBeGreaterThan(count / 20)
    expect(refused).toBeGreaterThan(count / 4)
    expect(rig.engine.requests.some(({ line }) => line.startsWith('POST'))).toBe(true)
    expect(rig.program.child.exitCode).toBeNull()
    await until('refusals are on record', async () => (await rig.refusals()) - before > refused / 2, 30_000)
    // When all is over, every byte that the engine got was one of its own requests.
    await rig.program.stop()
    expect(strangers(rig.engine.requests, known)).toEqual([])
    expectNothingElse(rig.engine.bytes(), rig.engine.requests)
  },
  isDeep ? 3_600_000 : 120_000,
)
