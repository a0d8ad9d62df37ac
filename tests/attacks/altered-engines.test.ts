import { chmodSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { type Alteration, alteredJson } from '@console/testkit/altering-engine'
import { createHarness, until } from '@console/testkit/daemon-harness'
import { reportFigure } from '@console/testkit/deep'
import { needs } from '@console/testkit/needs'
import { residentMiB } from '@console/testkit/process-facts'
import { refusedStart } from '@console/testkit/program'
import { sealedBefore } from '@console/testkit/sealed'
import { beforeEach, expect } from 'vitest'
import { askingModel, withinMs } from './asking-model.ts'
import { atAlteredEngines } from './at-real-engines.ts'

/** What the engine says, with this in place of what stands there. @throws Error when it does not stand there: the case would try nothing */
const put = (was: RegExp, becomes: string): Alteration => ({
  answer(whole) {
    if (!was.test(whole)) throw new Error(`${was} is not in what the engine said`)
    return whole.replace(was, becomes)
  },
})
const failures = (count: number) => Array.from({ length: count }, () => ['started', 'failed']).flat()
const head = /^HTTP\/1\.1 .*/

atAlteredEngines('docker-proxy', ({ what, rig, attackCase, restart, acted, outcomes }) => {
  const { is, failed, names } = askingModel(() => rig)
  const info = async () => (await rig.kit.ask('engine.info', {}, 'service')).body as { code?: string; detail?: string }
  const isLook = (id: string) => (line: string) => line.includes(`/containers/${id}/json`)
  const looks = (id: string) => rig.reached().filter(({ line }) => isLook(id)(line)).length
  beforeEach(async () => {
    rig.engine.alter(null)
    await is('live')
  })

  attackCase('D20', 'a version that was not tested, or none', async ({ attack, control, row }) => {
    const id = await rig.run('versions', [], 'sleep', '600')
    const before = await failed('DOCKER_ENGINE_VERSION')
    const versions = [
      { ApiVersion: '1.40' },
      { ApiVersion: '1.60', MinAPIVersion: '1.57' },
      { ApiVersion: undefined },
      { ApiVersion: '1.41, 1.99' },
      { ApiVersion: 'junk' },
    ]
    const again = async (version: object | null) => {
      const asked: string[] = []
      await rig.engine.cut()
      await is('away')
      // The relay has turned away by now what was sent before docker-proxy knew.
      await is('away')
      rig.engine.alter((line) => {
        asked.push(line)
        return version && line === 'GET /version HTTP/1.1' ? alteredJson((said: object) => ({ ...said, ...version })) : undefined
      })
      await rig.engine.listen()
      return asked
    }
    await attack('is asked for and nothing else, and nothing is done', async () => {
      for (const version of versions) {
        const asked = await again(version)
        await until('it is refused', async () => (await info()).code === 'DOCKER_ENGINE_VERSION', withinMs)
        expect((await restart(id)).body.code).toBe('DOCKER_ENGINE_VERSION')
        expect(new Set(asked)).toEqual(new Set(['GET /version HTTP/1.1']))
        // A start in production is refused as long as it is so.
        if (needs.sealed && version === versions[0])
          expect(await startAgain()).toMatchObject([1, expect.stringMatching(/^The Docker engine speaks API 1\.40;/)])
        rig.engine.alter(null)
        await is('live')
      }
      expect(acted().filter(({ line }) => line.includes(id))).toEqual([])
    })
    await control('its own version is spoken', async () => {
      await again(null)
      await is('live')
      expect((await restart(id)).body).toMatchObject({ ok: true, id })
      expect(acted().at(-1)?.line).toBe(`POST /v${rig.api}/containers/${id}/restart?t=0 HTTP/1.1`)
    })
    await row('each attempt has failed with its code', async () => {
      expect((await failed('DOCKER_ENGINE_VERSION')) - before).toBe(versions.length)
      expect((await outcomes(id)).slice(-2)).toEqual(['started', 'done'])
    })
  })
  /** Another docker-proxy in production, before the same engine. */
  const startAgain = async () => {
    const { dataDir, env, remove } = createHarness('docker-proxy')
    const own = { ...env, NODE_ENV: 'production', DOCKER_SOCKET: rig.relay.path }
    const { status, said } = await refusedStart('apps/docker-proxy/src/main.ts', own, sealedBefore(dataDir)).finally(remove)
    return [status, said]
  }

  attackCase('D21', 'an engine that sends elsewhere', async ({ attack, control, row }) => {
    const came: string[] = []
    const elsewhere = createServer((socket) => {
      came.push('somebody')
      socket.destroy()
    })
    await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve))
    const { port } = elsewhere.address() as { port: number }
    const id = await rig.run('elsewhere', [], 'sleep', '600')
    const states = ['301 Moved Permanently', '302 Found', '303 See Other', '307 Temporary Redirect', '308 Permanent Redirect']
    const to = (state: string) => put(head, `HTTP/1.1 ${state}\r\nLocation: http://127.0.0.1:${port}/`)
    await attack('is not followed, whatever the state', async () => {
      for (const state of states) {
        rig.engine.alter((line) => (isLook(id)(line) ? to(state) : undefined))
        expect((await restart(id)).body.code).toBe('DOCKER_ENGINE_ERROR')
      }
      rig.engine.alter((line) => (line.startsWith('POST') ? to('307 Temporary Redirect') : undefined))
      expect((await restart(id)).body.code).toBe('DOCKER_ENGINE_ERROR')
      expect([came, acted().filter(({ line }) => line.includes(id)).length]).toEqual([[], 1])
    })
    await control('the same without it is served', async () => {
      rig.engine.alter(null)
      expect((await restart(id)).body).toMatchObject({ ok: true, id })
    })
    await row('each change has failed, and then one was done', async () =>
      expect(await outcomes(id)).toEqual([...failures(states.length + 1), 'started', 'done']),
    )
    await new Promise((resolve) => elsewhere.close(resolve))
  })

  attackCase('D22', 'answers that are none', async ({ attack, control, row }) => {
    const id = await rig.run('nonsense', [], 'sleep', '600')
    const cut = 100
    const answers: readonly [string, Alteration, string][] = [
      ['an upgrade', put(head, 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: tcp'), 'DOCKER_ENGINE_ERROR'],
      ['one byte that makes it no JSON', put(/\r\n\r\n\{/, '\r\n\r\n<'), 'DOCKER_ENGINE_ERROR'],
      ['a length that ends in its middle', put(/content-length: \d+/, `content-length: ${cut}`), 'DOCKER_ENGINE_ERROR'],
      ['an end before its length', { answer: (whole) => whole.slice(0, -cut) }, 'DOCKER_ENGINE_AWAY'],
      ['ten gigabytes of which little comes', put(/content-length: \d+/, 'content-length: 10000000000'), 'DOCKER_ENGINE_AWAY'],
      ['no end', { ...put(/content-length: \d+\r\n/, ''), endless: ' '.repeat(262_144) }, 'DOCKER_ENGINE_ERROR'],
      ['a head without end', put(/\r\n\r\n/, `${'\r\nx: y'.repeat(20_000)}\r\n\r\n`), 'DOCKER_ENGINE_ERROR'],
      ['one byte that makes it no HTTP', put(/^H/, 'X'), 'DOCKER_ENGINE_ERROR'],
      ['none', { answer: () => new Promise(() => undefined) }, 'DOCKER_ENGINE_AWAY'],
    ]
    await attack('are refused in time, and nothing of them comes out', async () => {
      const memory = () => residentMiB(rig.program.child.pid ?? 0)
      const before = memory()
      for (const [title, alteration, code] of answers) {
        rig.engine.alter((line) => (isLook(id)(line) ? alteration : undefined))
        const { body, text } = await restart(id)
        expect([title, body.code, text.includes(rig.image)]).toEqual([title, code, false])
      }
      expect(looks(id)).toBeGreaterThanOrEqual(answers.length)
      rig.engine.alter((line) => (line.startsWith('POST') ? put(head, 'HTTP/1.1 200 OK') : undefined))
      expect((await restart(id)).body.code).toBe('DOCKER_ENGINE_ERROR')
      expect(rig.program.child.exitCode).toBeNull()
      reportFigure(`${what}: memory that answers without end took, MiB`, Math.round(memory() - before))
      expect(memory() - before).toBeLessThan(256)
    })
    await control('the answer as it is, is taken', async () => {
      rig.engine.alter(null)
      expect((await restart(id)).body).toMatchObject({ ok: true, id })
    })
    await row('each attempt has failed on record', async () =>
      expect(await outcomes(id)).toEqual([...failures(answers.length + 1), 'started', 'done']),
    )
  })

  attackCase('D23', 'a socket that goes away, becomes something else, is forbidden, and comes back', async ({ attack, control, row }) => {
    const { path } = rig.relay
    const id = await rig.run('socket', [], 'sleep', '600')
    const told = (cause: RegExp) => until(`${cause} is told`, async () => cause.test((await info()).detail ?? ''), withinMs)
    const refused = async () => expect((await restart(id)).status).toBe(503)
    let attempts = 0
    await attack('nothing is done, and the cause is told', async () => {
      rig.relay.cut()
      const asFile = () => {
        writeFileSync(path, 'no socket')
        chmodSync(path, 0o666)
      }
      const others: readonly (readonly [() => void, RegExp])[] = [
        [() => undefined, /no Docker socket/],
        [asFile, /Nothing listens/],
        [() => symlinkSync('/nowhere/docker.sock', path), /no Docker socket/],
      ]
      for (const [become, cause] of others) {
        rmSync(path, { force: true })
        become()
        await told(cause)
        await refused()
        attempts += 1
      }
      // Root may open any; where docker-proxy can be nobody, the right to it is lost too.
      if (needs.sealed) {
        rig.relay.listen()
        chmodSync(path, 0o700)
        await told(/may not open/)
        await refused()
        attempts += 1
        rig.relay.cut()
      }
      expect(await names()).toContain(rig.name('socket'))
      expect(acted().filter(({ line }) => line.includes(id))).toEqual([])
    })
    await control('it recovers by itself, and the attempts have cost nothing', async () => {
      rig.relay.listen()
      chmodSync(path, 0o777)
      await is('live')
      expect((await restart(id)).body).toMatchObject({ ok: true, id })
    })
    await row('each attempt has failed on record', async () => {
      const all = await outcomes(id)
      expect([all.filter((one) => one === 'failed').length, all.at(-1)]).toEqual([attempts, 'done'])
    })
  })
})
