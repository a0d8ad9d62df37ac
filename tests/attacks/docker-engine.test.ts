import { chmodSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { attackCase } from '@console/testkit/attack'
import { until } from '@console/testkit/daemon-harness'
import { reportFigure, rounds } from '@console/testkit/deep'
import { idOf } from '@console/testkit/fake-container'
import { residentMiB } from '@console/testkit/process-facts'
import { measured, type ProxyRig, startProxyRig } from '@console/testkit/proxy-rig'
import { eventOf, type Scripted } from '@console/testkit/recording-engine'
import { afterAll, beforeAll, beforeEach, expect } from 'vitest'
import { askingModel, withinMs } from './asking-model.ts'

let rig: ProxyRig
const { list, is, names, restart, failed } = askingModel(() => rig)
const acted = () => rig.reached().filter((line) => line.startsWith('POST'))
const why = async () => (await rig.kit.ask('engine.info', {}, 'service')).body.detail as string | undefined
const measure = () => rig.kit.ask('containers.stats', { container: 'alpha' }, 'operator')

beforeAll(async () => {
  rig = await startProxyRig()
})
afterAll(() => rig?.stop())
beforeEach(async () => {
  rig.kit.nextPerson()
  rig.engine.script(null)
  rig.engine.tell = true
  await is('live')
  rig.engine.forget()
})

attackCase('D21', 'an engine that sends elsewhere', async ({ attack, control, row }) => {
  const asked: string[] = []
  const elsewhere = createServer((socket) => {
    asked.push('came')
    socket.destroy()
  })
  await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve))
  const { port } = elsewhere.address() as { port: number }
  const before = await failed('DOCKER_ENGINE_ERROR')
  await attack('is not followed, whatever the state', async () => {
    for (const status of [301, 302, 303, 307, 308]) {
      rig.engine.script((line) =>
        /stats|POST/.test(line) ? { status, headers: { location: `http://127.0.0.1:${port}/` }, body: {} } : undefined,
      )
      expect((await measure()).body.code).toBe('DOCKER_ENGINE_ERROR')
    }
    expect((await restart('alpha')).body.code).toBe('DOCKER_ENGINE_ERROR')
    expect([asked, acted().length]).toEqual([[], 1])
  })
  await control('the same without it is served', async () => {
    rig.engine.script(null)
    expect((await measure()).status).toBe(200)
  })
  await row('the change has failed with its code', async () => expect((await failed('DOCKER_ENGINE_ERROR')) - before).toBe(1))
  await new Promise((resolve) => elsewhere.close(resolve))
})

attackCase('D22', 'an engine whose answers are none', async ({ attack, control, row }) => {
  const endless: Scripted = {
    respond(response) {
      const timer = setInterval(() => response.write(Buffer.alloc(65_536, 120)), 1)
      response.once('close', () => clearInterval(timer))
    },
  }
  const answers: readonly [Scripted, string][] = [
    [{ raw: 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n' }, 'DOCKER_ENGINE_ERROR'],
    [{ body: '<html>' }, 'DOCKER_ENGINE_ERROR'],
    [{ body: '{"cpu_stats":' }, 'DOCKER_ENGINE_ERROR'],
    [endless, 'DOCKER_ENGINE_ERROR'],
    [{ raw: 'HTTP/1.1 200 OK\r\ncontent-length: 10000000000\r\n\r\n{' }, 'DOCKER_ENGINE_AWAY'],
    [{ raw: `HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(20_000)}\r\n{}` }, 'DOCKER_ENGINE_ERROR'],
    [{ raw: 'x'.repeat(100_000) }, 'DOCKER_ENGINE_ERROR'],
    ['silence', 'DOCKER_ENGINE_AWAY'],
  ]
  const before = await failed('DOCKER_ENGINE_ERROR')
  await attack('are refused in time, and nothing of them comes out', async () => {
    for (const [scripted, code] of answers) {
      rig.engine.script((line) => (line.includes('stats') ? scripted : undefined))
      const answer = await measure()
      expect([answer.body.code, answer.text.includes('xxx')]).toEqual([code, false])
    }
    rig.engine.script((line) => (line.startsWith('POST') ? { status: 200, body: 'x'.repeat(1_000_000) } : undefined))
    expect((await restart('alpha')).body.code).toBe('DOCKER_ENGINE_ERROR')
    expect(rig.program.child.exitCode).toBeNull()
  })
  await control('an answer is taken', async () => {
    rig.engine.script(null)
    rig.engine.forget()
    expect((await measure()).status).toBe(200)
    expect(rig.reached()).toEqual([measured(rig.alpha)])
  })
  await row('the change has failed with its code', async () => expect((await failed('DOCKER_ENGINE_ERROR')) - before).toBe(1))
})

attackCase(
  'D23',
  'a socket that goes away, becomes something else, and comes back',
  async ({ attack, control, row }) => {
    const { socketPath } = rig.engine
    const before = await failed('DOCKER_ENGINE_AWAY')
    await attack('nothing is done, and the cause is told', async () => {
      await rig.engine.stop()
      await is('away')
      expect((await restart('alpha')).status).toBe(503)
      writeFileSync(socketPath, 'no socket')
      await until('the cause is told', async () => /Nothing listens/.test((await why()) ?? ''), withinMs)
      rmSync(socketPath)
      symlinkSync('/nowhere/docker.sock', socketPath)
      await until('the cause is told', async () => /no Docker socket/.test((await why()) ?? ''), withinMs)
      expect((await restart('alpha')).status).toBe(503)
      expect(await names()).toContain('alpha')
    })
    await control('it recovers by itself, and the attempts have cost nothing', async () => {
      await rig.engine.start()
      await is('live')
      expect((await restart('alpha')).status).toBe(200)
      chmodSync(socketPath, 0o660)
    })
    await row('each attempt has failed on record', async () => expect((await failed('DOCKER_ENGINE_AWAY')) - before).toBe(2))
  },
  90_000,
)

attackCase('D30', 'a model whose events are held back', async ({ attack, control, row }) => {
  const one = { id: idOf('e1'), name: 'stale' }
  rig.engine.add(one)
  await until('the model has it', async () => (await names()).includes('stale'), withinMs)
  rig.engine.tell = false
  rig.engine.remove(one.id)
  const before = await failed('DOCKER_CONTAINER_NOT_FOUND')
  rig.engine.forget()
  await attack('what is gone is not acted on, though the list still has it and says how old it is', async () => {
    const { items, asOf } = await list()
    expect([items.some(({ name }) => name === 'stale'), Number.isNaN(Date.parse(asOf))]).toEqual([true, false])
    expect((await restart('stale')).body.code).toBe('DOCKER_CONTAINER_NOT_FOUND')
    expect(acted()).toEqual([])
  })
  await control('what bears the name now is, by its own id; the old id is not', async () => {
    const next = { id: idOf('e2'), name: 'stale' }
    rig.engine.add(next)
    expect((await restart(one.id)).status).toBe(404)
    expect((await restart('stale')).body).toMatchObject({ ok: true, id: next.id })
    expect(acted()).toEqual([`POST /v1.41/containers/${next.id}/restart?t=10 HTTP/1.1`])
  })
  await row('both failures', async () => expect((await failed('DOCKER_CONTAINER_NOT_FOUND')) - before).toBe(2))
})

attackCase(
  'D32',
  'an engine that restarts in the middle of its list',
  async ({ attack, control, row }) => {
    const before = (await rig.rows()).length
    rig.engine.add({ id: idOf('e7'), name: 'midway' })
    await until('the model has it', async () => (await names()).includes('midway'), withinMs)
    const all = await names()
    await attack('half an answer never makes a shorter list', async () => {
      for (const body of ['[{"Id":"', { message: 'starting' }, null, [{ Id: 'x' }], '']) {
        rig.engine.script((line) => (line.includes('/containers/json') ? { body } : undefined))
        expect((await restart('midway')).status).toBe(502)
        expect(await names()).toEqual(all)
      }
      expect(acted()).toEqual([])
    })
    await control('of another version, it is not asked; of a tested one, all is rebuilt', async () => {
      await rig.engine.stop()
      await is('away')
      rig.engine.script((line) => (line.includes('/version') ? { body: { ApiVersion: '1.39', MinAPIVersion: '1.12' } } : undefined))
      rig.engine.forget()
      await rig.engine.start()
      await until('it was asked', () => rig.reached().length >= 2, withinMs)
      expect(new Set(rig.reached())).toEqual(new Set(['GET /version HTTP/1.1']))
      expect((await rig.kit.ask('engine.info', {}, 'service')).body.code).toBe('DOCKER_ENGINE_VERSION')
      rig.engine.script(null)
      await is('live')
      expect(await names()).toEqual(all)
    })
    await row('a failure for each change that was tried, with its intent', async () => {
      const since = (await rig.rows()).slice(before).filter(({ action }) => action === 'containers.restart')
      expect(since.map(({ outcome }) => outcome)).toEqual(Array.from({ length: 5 }, () => ['started', 'failed']).flat())
    })
  },
  90_000,
)

attackCase(
  'D33',
  'a storm of events',
  async ({ attack, control, row }) => {
    const before = await rig.refusals()
    const count = rounds({ test: 300, deep: 5_000 })
    const many = Array.from({ length: count }, (_, at) => ({ id: idOf(`f${at.toString(16).padStart(4, '0')}`), name: `many-${at}` }))
    await attack('is coalesced: reads do not wait, and the engine is not asked for each', async () => {
      for (const one of many) rig.engine.add(one)
      await until('all are known', async () => (await names()).length >= count, withinMs * 2)
      rig.engine.forget()
      const before = residentMiB(rig.program.child.pid ?? 0)
      for (let round = 0; round < rounds({ test: 20, deep: 200 }); round += 1) {
        if (round > 0 && round % 20 === 0) await pause(1_000)
        for (const one of many.slice(0, 50)) rig.engine.event(eventOf(one, 'die'))
      }
      expect((await list()).items.length).toBeGreaterThanOrEqual(count)
      await until(
        'each has been read again',
        () => many.slice(0, 50).every(({ id }) => rig.engine.requests.some(({ line }) => line.includes(id))),
        withinMs,
      )
      expect(rig.engine.requests.length).toBeLessThan(rounds({ test: 500, deep: count + 5_000 }))
      const slowest: number[] = []
      for (let read = 0; read < 20; read += 1) {
        const from = performance.now()
        expect((await list()).items.length).toBeGreaterThanOrEqual(count)
        slowest.push(performance.now() - from)
      }
      reportFigure(`containers of a storm`, count)
      reportFigure('longest read of the list meanwhile, ms', Math.round(Math.max(...slowest)))
      reportFigure('memory that the storm took, MiB', Math.round(residentMiB(rig.program.child.pid ?? 0) - before))
    })
    await control('the end of it is the truth', async () => {
      rig.engine.change(many[7]?.id ?? '', { state: 'exited' }, 'die')
      await until(
        'the last one counts',
        async () => (await list()).items.find(({ name }) => name === 'many-7')?.state === 'exited',
        withinMs,
      )
    })
    await row('nothing was refused', async () => expect(await rig.refusals()).toBe(before))
  },
  rounds({ test: 90_000, deep: 300_000 }),
)
