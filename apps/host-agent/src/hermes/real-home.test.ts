import { statSync } from 'node:fs'
import { reportFigure, rounds } from '@console/testkit/deep'
import { pictureOf } from '@console/testkit/made-home'
import { describeNeeding, hermesHome } from '@console/testkit/needs'
import { expect, it } from 'vitest'
import { startProbe } from './start-probe.ts'

const probes = rounds({ test: 20, deep: 10_000 })

describeNeeding('hermesHome', 'a home that Hermes itself made', () => {
  it(
    `is read ${probes} times as its owner: no file comes or changes, and none of its secrets is shown`,
    async () => {
      const { uid, gid } = statSync(hermesHome)
      const other = uid !== process.getuid?.()
      const owner = { uid: other ? uid : null, gid: other ? gid : null, home: '/', ownUid: uid }
      const before = pictureOf(hermesHome)
      let begun = 0
      const lane = async (): Promise<void> => {
        while (begun < probes) {
          begun += 1
          const told = await startProbe(hermesHome, owner, { withinMs: 30_000 })
          if (typeof told === 'string') throw new Error(told)
          for (const part of ['sessions', 'cron', 'memory', 'skills'] as const) expect([part, told[part].status]).toEqual([part, 'up'])
          expect(told.sessions.items.length).toBeGreaterThan(0)
          expect(JSON.stringify(told)).not.toMatch(/CANARY|0123456789/)
        }
      }
      await Promise.all([lane(), lane()])
      expect(pictureOf(hermesHome)).toEqual(before)
      reportFigure('looks at a home that Hermes made, without a trace', begun)
    },
    rounds({ test: 120_000, deep: 3 * 3_600_000 }),
  )
})
