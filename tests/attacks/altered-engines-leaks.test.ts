import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { alteredJson } from '@console/testkit/altering-engine'
import { until } from '@console/testkit/daemon-harness'
import { beforeEach, expect } from 'vitest'
import { askingModel, withinMs } from './asking-model.ts'
import { atAlteredEngines } from './at-real-engines.ts'
import { printedSecrets, secretParts, withFuture } from './planted-secrets.ts'

atAlteredEngines('what docker-proxy tells', ({ rig, attackCase, restart, logOf, outcomes }) => {
  const { is } = askingModel(() => rig)
  const everywhere = async () => JSON.stringify([await rig.rows(), rig.program.output])
  beforeEach(async () => {
    rig.engine.alter(null)
    rig.engine.alterEvents(null)
    await is('live')
  })

  attackCase('R2', 'fields that no version has yet, in every object', async ({ attack, control, row }) => {
    const options = ['--label', 'com.bytelyst.note=kept', '--health-cmd', 'true', '--health-interval', '1s', '--tmpfs', '/tmp']
    const id = await rig.run('future', options, 'bash', '-c', 'echo printed; sleep 600')
    const inspected = async () => (await rig.kit.ask('containers.inspect', { container: id }, 'viewer')).body.container
    let planted = 0
    const future = (text: string) => JSON.stringify(withFuture(JSON.parse(text), () => (planted += 1)))
    await attack('are said by no verb', async () => {
      rig.engine.alterEvents((line) => [future(line)])
      rig.engine.alter((line) =>
        line.startsWith('GET') && !/\/(logs|events)/.test(line) ? alteredJson((body) => withFuture(body, () => (planted += 1))) : undefined,
      )
      // All that is known is read anew.
      await rig.engine.cut()
      await is('away')
      await rig.engine.listen()
      await is('live')
      const events = rig.kit.read('events', {}, (lines) => lines.some((one) => one.id === id), 'viewer')
      await until('they are told', () => planted > 30, withinMs)
      const asked = [
        await restart(id),
        await rig.kit.ask('containers.list', {}, 'viewer'),
        await rig.kit.ask('containers.inspect', { container: id }, 'viewer'),
        await rig.kit.ask('engine.info', {}, 'viewer'),
      ]
      // An engine whose runtime counts nothing has no measurement to give.
      expect(asked.map(({ status }) => status)).toEqual([200, 200, 200, 200])
      const measured = await rig.kit.ask('containers.stats', { container: id }, 'operator')
      const told = JSON.stringify([[...asked, measured].map(({ text }) => text), await events, await logOf(id)])
      expect(told).not.toMatch(/canary/)
    })
    await control('what is known of the same objects is said', async () => {
      expect(await inspected()).toMatchObject({ id, labels: { 'com.bytelyst.note': 'kept' }, mounts: [], name: rig.name('future') })
      expect((await logOf(id)).map(({ text }) => text)).toContain('printed')
    })
    await row('neither the journal nor the log of docker-proxy has any', async () => expect(await everywhere()).not.toMatch(/canary/))
  })

  attackCase('R3', 'a label that is kept, with a text that is long and moves a cursor', async ({ attack, control, row }) => {
    const label = async (name: string, value: string) => {
      const id = await rig.run(name, ['--label', `com.bytelyst.note=${value}`], 'sleep', '600')
      const { body } = await rig.kit.ask('containers.inspect', { container: id }, 'viewer')
      return (body.container as unknown as { labels: Record<string, string> }).labels['com.bytelyst.note'] ?? ''
    }
    const long = `\u001b[2J<img src=x>\u202e${'y'.repeat(10_000)}`
    await attack('is cut, and cleaned', async () => {
      const seen = await label('labelled', long)
      expect(seen).toMatch(/^\[2J<img src=x>y{100,}$/)
      expect(seen.length).toBeLessThanOrEqual(256)
    })
    await control('a short one stays as it is, and the engine has the long one', async () => {
      expect(await label('plainly', 'plain')).toBe('plain')
      expect(rig.docker('inspect', '-f', '{{index .Config.Labels "com.bytelyst.note"}}', rig.name('labelled'))).toBe(long)
    })
    await row('the rows hold none of it', async () => expect(await everywhere()).not.toMatch(/yyyy/))
  })

  attackCase('R4', 'an error of the engine that says back what it was asked, or whatever it holds', async ({ attack, control, row }) => {
    // What it runs is gone when it is started anew, and the engine says so by its name.
    const folder = mkdtempSync(join(tmpdir(), 'gone-'))
    const program = join(folder, 'canary-program')
    writeFileSync(program, '#!/bin/bash\nrm -f /canary-program\nsleep 600\n')
    chmodSync(program, 0o755)
    const id = rig.docker('create', '--name', rig.name('gone'), '--network', 'none', '--stop-signal', 'KILL', rig.image, '/canary-program')
    rig.ids.add(id)
    rig.docker('cp', program, `${id}:/canary-program`)
    rmSync(folder, { recursive: true })
    rig.docker('start', id)
    await until('it is known', async () => (await rig.kit.ask('containers.inspect', { container: id }, 'service')).status === 200, withinMs)
    const plain = rig.name('plain')
    await attack('is a code of our own', async () => {
      let said = ''
      rig.engine.alter((line) =>
        line.startsWith('POST')
          ? {
              answer(whole) {
                said = whole
                return whole
              },
            }
          : undefined,
      )
      const failed = await restart(id)
      expect([failed.status, failed.body.code, /canary/.test(failed.text)]).toEqual([502, 'DOCKER_ENGINE_ERROR', false])
      expect(said).toContain('canary-program')
    })
    await attack('whatever its state', async () => {
      for (const status of [400, 404, 409, 500, 503]) {
        const body = JSON.stringify({ message: 'canary-echo' })
        const instead = `HTTP/1.1 ${status} Said\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`
        rig.engine.alter((line) => (/stats|logs|\/system\/df/.test(line) ? { instead } : undefined))
        const answers = [
          await rig.kit.ask('containers.stats', { container: plain }, 'operator'),
          await rig.kit.ask('containers.logs', { container: plain }, 'operator'),
          await rig.kit.ask('containers.logs', { container: plain, follow: true }, 'operator'),
          await rig.kit.ask('cleanup.plan', { kinds: ['images'] }),
        ]
        for (const { status: told, text } of answers) expect([told >= 400, text.includes('canary')]).toEqual([true, false])
      }
    })
    await control('without it each is served', async () => {
      rig.engine.alter(null)
      expect((await rig.kit.ask('containers.logs', { container: plain }, 'operator')).status).toBe(200)
    })
    await row('the row has the code alone', async () => {
      expect(await outcomes(id)).toEqual(['started', 'failed'])
      expect(await everywhere()).not.toContain('canary')
    })
  })

  attackCase('R7', 'secrets that a program prints', async ({ attack, control, row }) => {
    const print = [...printedSecrets, 'nothing to hide'].map((text) => `echo '${text}'`).join('; ')
    const id = await rig.run('printer', [], 'bash', '-c', `${print}; sleep 600`)
    const read = (follow: boolean) =>
      rig.kit.read('containers.logs', { container: id, follow }, (lines) => lines.length > printedSecrets.length, 'operator')
    await until('it has printed', async () => (await logOf(id)).length > printedSecrets.length, withinMs)
    await attack('leave masked, and counted', async () => {
      for (const follow of [false, true]) {
        const lines = (await read(follow)).slice(0, printedSecrets.length)
        expect([lines.length, JSON.stringify(lines)]).toEqual([printedSecrets.length, expect.not.stringMatching(secretParts)])
        expect(lines.every(({ masked }) => Number(masked) > 0)).toBe(true)
      }
    })
    await control('the engine has them, and other text stays', async () => {
      for (const secret of printedSecrets) expect(rig.docker('logs', id)).toContain(secret)
      expect((await read(false)).at(-1)).toMatchObject({ text: 'nothing to hide' })
    })
    await row('no row and no log line of our own has any', async () => expect(await everywhere()).not.toMatch(secretParts))
  })

  attackCase('R8', 'what docker-proxy itself writes', async ({ attack, control, row }) => {
    const bearer = /authorization: Bearer ([\w.-]+)/i.exec(rig.call())?.[1] ?? 'none'
    const grant = rig.kit.grant('containers.restart', 'a'.repeat(64))
    const noRoute = ({ code }: { readonly code?: string }) => code === 'ROUTE_NOT_FOUND'
    const before = await rig.refusals(noRoute)
    await attack('no token and no confirmation, though calls with them failed in every way', async () => {
      for (const differs of [
        { path: '/v1/nothing' },
        { body: 'no json' },
        { headers: { 'x-grant': grant } },
        { headers: { authorization: `Bearer ${bearer}x` } },
        { path: `/v1/x?token=${bearer}` },
        { path: `/${bearer}` },
      ])
        await rig.send(rig.call(differs))
      rig.engine.alter(() => ({ answer: (whole) => whole.replace(/^HTTP\/1\.1 \d+/, 'HTTP/1.1 500') }))
      await rig.send(rig.call())
      const written = await everywhere()
      for (const secret of [bearer, grant]) expect([secret.length > 40, written.includes(secret.slice(40))]).toEqual([true, false])
    })
    await control('it does write', () => expect(rig.program.output.join()).toContain('"msg":"ready"'))
    await row('the refusals are there, by code', async () => expect((await rig.refusals(noRoute)) - before).toBe(3))
  })
})
