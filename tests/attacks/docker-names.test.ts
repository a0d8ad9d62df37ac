import { attackCase } from '@console/testkit/attack'
import { until } from '@console/testkit/daemon-harness'
import { idOf } from '@console/testkit/fake-container'
import { type ProxyRig, startProxyRig } from '@console/testkit/proxy-rig'
import { afterAll, beforeAll, beforeEach, expect } from 'vitest'
import { namesOfNone } from './wrong-arguments.ts'

let rig: ProxyRig
const beta = { id: idOf('465583b'), name: 'beta' }
beforeAll(async () => {
  rig = await startProxyRig()
  rig.engine.add(beta)
})
afterAll(() => rig?.stop())
beforeEach(() => {
  rig.kit.nextPerson()
  rig.engine.script(null)
  rig.engine.forget()
})

const restart = (container: unknown, more: object = {}) => rig.kit.ask('containers.restart', { container, ...more }, 'operator')
const acted = () => rig.reached().filter((line) => line.startsWith('POST'))
const restarted = (id: string, waitSec = 10) => `POST /v1.41/containers/${id}/restart?t=${waitSec} HTTP/1.1`
const rowsOf = async (code: string) => (await rig.rows()).filter((row) => row.code === code)
const newId = (() => {
  let count = 0
  return () => idOf(`d${(count++).toString(16).padStart(4, '0')}`)
})()

attackCase('D1', 'a reference that is the beginning of an id', async ({ attack, control, row }) => {
  const prefixes = [1, 2, 6, 12, 32, 63].map((length) => beta.id.slice(0, length))
  const before = (await rowsOf('DOCKER_CONTAINER_NOT_FOUND')).length
  await attack('finds nothing, for reading or for acting', async () => {
    for (const prefix of prefixes) {
      expect((await restart(prefix)).body.code).toBe('DOCKER_CONTAINER_NOT_FOUND')
      expect((await rig.kit.ask('containers.inspect', { container: prefix }, 'operator')).status).toBe(404)
      expect((await rig.kit.ask('containers.stats', { container: prefix }, 'operator')).status).toBe(404)
    }
    expect(acted()).toEqual([])
  })
  await control('the whole id acts', async () => {
    expect((await restart(beta.id)).body).toMatchObject({ ok: true, id: beta.id })
    expect(acted()).toEqual([restarted(beta.id)])
  })
  await row('each attempt to act has failed on record', async () => {
    expect((await rowsOf('DOCKER_CONTAINER_NOT_FOUND')).length - before).toBe(prefixes.length)
  })
})

attackCase('D2', 'a name that is the beginning of another’s id, and then is gone', async ({ attack, control, row }) => {
  const named = { id: newId(), name: '465583' }
  rig.engine.add(named)
  await control('while it is there, it is the one', async () => {
    expect((await restart('465583')).body).toMatchObject({ ok: true, id: named.id })
    expect(acted()).toEqual([restarted(named.id)])
  })
  rig.engine.forget()
  await attack('when it was removed in between, its name never means the other', async () => {
    rig.engine.tell = false
    rig.engine.remove(named.id)
    rig.engine.tell = true
    expect((await restart('465583')).body.code).toBe('DOCKER_CONTAINER_NOT_FOUND')
    expect(acted()).toEqual([])
  })
  await row('both are told by the name that was asked', async () => {
    const outcomes = (await rig.rows()).filter(({ target, action }) => action === 'containers.restart' && target === '465583')
    expect(outcomes.slice(-4).map(({ outcome }) => outcome)).toEqual(['started', 'done', 'started', 'failed'])
  })
})

attackCase('D3', 'a container with another’s whole id as its name', async ({ attack, control, row }) => {
  const one = { id: newId(), name: 'one' }
  const thief = { id: newId(), name: one.id }
  rig.engine.add(one)
  rig.engine.add(thief)
  await attack('is refused as ambiguous', async () => {
    const answer = await restart(one.id)
    expect([answer.status, answer.body.code, acted()]).toEqual([409, 'DOCKER_CONTAINER_AMBIGUOUS', []])
  })
  await control('by its own name, the one is restarted, and judged by its id', async () => {
    expect((await restart('one')).body).toMatchObject({ ok: true, id: one.id, name: 'one' })
    expect(acted()).toEqual([restarted(one.id)])
  })
  await row('the first failed with its code', async () => {
    expect((await rowsOf('DOCKER_CONTAINER_AMBIGUOUS')).at(-1)).toMatchObject({ outcome: 'failed', target: one.id })
  })
  rig.engine.remove(thief.id)
})

attackCase('D4', 'names that are swapped between resolving and acting', async ({ attack, control, row }) => {
  const left = { id: newId(), name: 'left' }
  const right = { id: newId(), name: 'right' }
  rig.engine.add(left)
  rig.engine.add(right)
  // The model looks at what is new by itself: it has to be done before the look of the restart is waited for.
  const looked = (id: string) => rig.engine.requests.some(({ line }) => line.includes(`/containers/${id}/json`))
  await until('the model knows both', () => looked(left.id) && looked(right.id), 30_000)
  rig.engine.forget()
  await attack('the id that was resolved is the one that is restarted', async () => {
    rig.engine.script((line) => {
      if (line.includes(`/containers/${left.id}/json`) && rig.engine.containers.get(left.id)?.name === 'left') {
        const answer = { body: { Id: left.id, Name: '/left', State: { Status: 'running' } } }
        rig.engine.containers.set(left.id, { ...left, name: 'right' })
        rig.engine.containers.set(right.id, { ...right, name: 'left' })
        return answer
      }
      return undefined
    })
    expect((await restart('left')).body).toMatchObject({ ok: true, id: left.id })
    expect(acted()).toEqual([restarted(left.id)])
  })
  await control('asked anew, the name means who bears it now', async () => {
    rig.engine.script(null)
    rig.engine.forget()
    expect((await restart('left')).body).toMatchObject({ ok: true, id: right.id })
    expect(acted()).toEqual([restarted(right.id)])
  })
  await row('both are done, under the name that was asked', async () => {
    const done = (await rig.rows()).filter(({ target, outcome }) => target === 'left' && outcome === 'done')
    expect(done.length).toBe(2)
  })
})

attackCase('D5', 'names that no container can have', async ({ attack, control, row }) => {
  const before = await rig.refusals()
  await attack('do not reach the resolution', async () => {
    for (const name of namesOfNone)
      expect([name, (await rig.kit.ask('containers.stats', { container: name }, 'operator')).status]).toEqual([name, 400])
    expect(rig.reached()).toEqual([])
  })
  await control('the longest that can be asked is resolved', async () => {
    const long = { id: newId(), name: 'a'.repeat(128) }
    rig.engine.add(long)
    expect((await restart(long.name)).body).toMatchObject({ ok: true, id: long.id })
    expect((await restart('a'.repeat(127))).status).toBe(404)
  })
  await row('one for each', () =>
    rig.refusedSince(before, namesOfNone.length, ({ action, code }) => action === 'containers.stats' && code === 'INPUT_INVALID'),
  )
})

attackCase('D9', 'a form that would override what the address says', async ({ attack, control, row }) => {
  const form = { 'content-type': 'application/x-www-form-urlencoded' }
  const before = await rig.refusals()
  const gamma = { id: newId(), name: 'gamma' }
  rig.engine.add(gamma)
  await attack('is refused, and never sent on', async () => {
    const sent = rig.call({ verb: 'containers.restart', args: {}, headers: form, body: 't=0&container=gamma' })
    expect((await rig.send(sent)).status).toBe(415)
    expect(acted()).toEqual([])
  })
  await control('what is sent has a length of nothing and no type', async () => {
    expect((await restart('gamma', { waitSec: 60 })).status).toBe(200)
    const sent = rig.engine.requests.find(({ line: of }) => of.startsWith('POST'))
    expect(sent).toEqual({
      line: restarted(gamma.id, 60),
      headers: ['host: docker', 'accept: application/json', 'content-length: 0', 'Connection: keep-alive'],
      body: '',
    })
  })
  await row('the form', () => rig.refusedSince(before, 1))
})

attackCase('D26', 'the parts of the console itself', async ({ attack, control, row }) => {
  const parts = ['docker-proxy', 'devops-backend', 'gateway'].map((name) => ({ id: newId(), name }))
  const kept = { id: newId(), name: 'kept', labels: { 'com.bytelyst.protect': 'true' } }
  for (const part of [...parts, kept]) rig.engine.add(part)
  await attack('are not restarted, by name or by id', async () => {
    for (const { id, name } of parts)
      for (const ref of [name, id]) expect([ref, (await restart(ref)).body.code]).toEqual([ref, 'PROTECTED'])
    expect(acted()).toEqual([])
  })
  await control('a container that is only protected from removal is', async () => {
    expect((await restart('kept')).body).toMatchObject({ ok: true, id: kept.id })
  })
  await row('each has failed with its code', async () => expect((await rowsOf('PROTECTED')).length).toBe(6))
})

attackCase('D27', 'twenty who restart one container at once', async ({ attack, control, row }) => {
  const stormy = { id: newId(), name: 'stormy' }
  rig.engine.add(stormy)
  await until(
    'the model knows it',
    async () => (await rig.kit.ask('containers.inspect', { container: 'stormy' }, 'service')).status === 200,
    30_000,
  )
  const held = Promise.withResolvers<undefined>()
  rig.engine.script((of) => (of.startsWith('POST') ? held.promise : undefined))
  await attack('one is under way, the others are told so or have used up the limit', async () => {
    const asked = Array.from({ length: 20 }, (_, at) => {
      rig.kit.nextPerson()
      return restart(at % 2 ? stormy.id : 'stormy')
    })
    let settled = 0
    for (const one of asked) void one.then(() => (settled += 1))
    await until('all others have their answer', () => settled === 19, 30_000)
    expect(acted()).toEqual([restarted(stormy.id)])
    held.resolve(undefined)
    const answers = await Promise.all(asked)
    expect(answers.filter(({ status }) => status === 200).length).toBe(1)
    expect(answers.every(({ status }) => [200, 409, 429].includes(status))).toBe(true)
    expect(acted().length).toBe(1)
  })
  await control('another container is not held up by its limit', async () => {
    const calm = { id: newId(), name: 'calm' }
    rig.engine.add(calm)
    expect((await restart('calm')).status).toBe(200)
  })
  await row('one done, two failed as busy, and a refusal for each of the rest', async () => {
    const own = (await rig.rows()).filter(({ target }) => target === 'stormy' || target === stormy.id)
    expect(own.filter(({ outcome }) => outcome === 'done').length).toBe(1)
    expect(own.filter(({ code }) => code === 'DOCKER_ACTION_BUSY').length).toBe(2)
    expect(await rig.refusals(({ code, action }) => code === 'RATE_LIMITED' && action === 'containers.restart')).toBe(17)
  })
})
