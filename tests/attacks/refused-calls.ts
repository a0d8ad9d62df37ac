import { attackCase } from '@console/testkit/attack'
import { measured, type ProxyRig } from '@console/testkit/proxy-rig'
import { expect } from 'vitest'

export type Call = NonNullable<Parameters<ProxyRig['call']>[0]>
export const path = '/v1/containers.stats'
export const body = '{"container":"alpha"}'
export const chunked = { 'content-length': null, 'transfer-encoding': 'chunked' }
export const chunks = (of: string): string => `${of.length.toString(16)}\r\n${of}\r\n0\r\n\r\n`

/** Each of several ways is refused with one of these states and a closed connection, and reaches nothing; the plain call is served; each leaves a row. */
export const refusedBy =
  (rigOf: () => ProxyRig) =>
  (id: string, title: string, states: readonly number[], ways: () => readonly (string | Call)[]): void => {
    attackCase(id, title, async ({ attack, control, row }) => {
      const rig = rigOf()
      const before = await rig.refusals()
      const all = ways()
      await attack(`${all.length} ways`, async () => {
        for (const way of all) {
          const bytes = typeof way === 'string' ? way : rig.call(way)
          const answer = await rig.send(bytes)
          const seen = {
            of: bytes.slice(0, 200),
            state: answer.status,
            answers: answer.answers,
            closed: answer.closed,
            reached: rig.reached(),
          }
          expect(seen).toEqual({ ...seen, state: expect.toBeOneOf([...states]), answers: 1, closed: true, reached: [] })
        }
      })
      await control('the plain call is served by one request of the template', async () => {
        expect((await rig.send(rig.call())).status).toBe(200)
        expect(rig.reached()).toEqual([measured(rig.alpha)])
      })
      await row('one refusal for each', () => rig.refusedSince(before, all.length))
    })
  }
