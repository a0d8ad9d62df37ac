import { until } from '@console/testkit/daemon-harness'
import { expect } from 'vitest'
import { atRealEngines } from './at-real-engines.ts'

const withinMs = 30_000

atRealEngines('logs of docker-proxy', ({ rig, attackCase, logOf, nothingRefused }) => {
  /** What it printed, once the last line is there. */
  const printed = async (name: string, script: string) => {
    const id = await rig.run(name, [], 'bash', '-c', `${script}; echo the-end; sleep 600`)
    return until(
      'it has printed',
      async () => {
        const lines = await logOf(id)
        return lines.some(({ text }) => text === 'the-end') && lines
      },
      withinMs,
    )
  }
  attackCase('S3', 'a line of a mebibyte', async ({ attack, control, row }) => {
    const before = await rig.refusals()
    await attack('no line that is told is longer than 16 KiB, and the next one is whole', async () => {
      const lines = await printed('endless', 's=zzzzzzzz; for n in {1..17}; do s=$s$s; done; echo "$s"; echo next')
      for (const { text } of lines) expect(String(text).length).toBeLessThanOrEqual(16_384)
      expect(lines.slice(-2).map(({ text }) => text)).toEqual(['next', 'the-end'])
      expect(lines[0]?.cut).toBe(true)
    })
    await control('one that is short enough is whole', async () => {
      const lines = await printed('short', 'printf "%16000s\\n" z')
      expect(lines.map(({ text, cut }) => [String(text).length, cut])).toEqual([
        [16_000, undefined],
        [7, undefined],
      ])
    })
    await row('nothing was refused', () => nothingRefused(before))
  })

  attackCase('S4', 'bytes that are no text', async ({ attack, control, row }) => {
    const before = await rig.refusals()
    await attack('are replaced, and hide nothing beside them', async () => {
      const [line] = await printed('bytes', 'printf "a\\377\\303b\\n"')
      expect(line?.text).toMatch(/^a\ufffd{1,2}b$/)
    })
    await control('a letter that is written in two pieces is one', async () => {
      const [line] = await printed('letter', 'printf "\\342"; sleep 0.2; printf "\\202\\254\\n"')
      expect(line?.text).toBe('€')
    })
    await row('nothing was refused', () => nothingRefused(before))
  })

  attackCase('D10', 'tails, follows and times that the engine would take for all or for true', async ({ attack, control, row }) => {
    const id = await rig.run('counts', [], 'bash', '-c', 'seq 300; sleep 600')
    const isBad = ({ action, code }: { readonly action: string; readonly code?: string }) =>
      action === 'containers.logs' && code === 'INPUT_INVALID'
    const before = await rig.refusals(isBad)
    const bad = [
      ...['all', '0', 0, -1, '+1', '1e3', 5_001, '', null].map((tail) => ({ tail })),
      ...['off', 2, 'yes', '', 'false', 1, null].map((follow) => ({ follow })),
      { since: 2, until: 1 },
      { since: '2026-01-01T00:00:00Z' },
    ]
    const asked = () => rig.reached().filter(({ line }) => line.includes(`${id}/logs`)).length
    await attack('reach it as none of them', async () => {
      for (const more of bad)
        expect([more, (await rig.kit.ask('containers.logs', { container: id, ...more }, 'operator')).status]).toEqual([more, 400])
      expect(asked()).toBe(0)
    })
    await control('a right one is exactly so many', async () => {
      await until('it has counted', async () => (await logOf(id, { tail: 1 }))[0]?.text === '300', withinMs)
      expect((await logOf(id, { tail: 3 })).map(({ text }) => text)).toEqual(['298', '299', '300'])
    })
    await row('one for each', () => rig.refusedSince(before, bad.length, isBad))
  })
})
