import { randomBytes } from 'node:crypto'
import { alteredJson } from '@console/testkit/altering-engine'
import { until } from '@console/testkit/daemon-harness'
import { rounds } from '@console/testkit/deep'
import { beforeEach, expect } from 'vitest'
import { atOwnEngines } from './at-real-engines.ts'
import { cleaningUp, tryWithoutPlan } from './cleaning-up.ts'
import { withFuture } from './planted-secrets.ts'

const mark = 'com.bytelyst.protect=true'
const withinMs = 30_000
const anonymous = (): string => randomBytes(32).toString('hex')
const pushes = rounds({ test: 20, deep: 100 })
type Usage = { Volumes: { Name: string }[]; BuildCache: { ID: string; InUse: boolean; CreatedAt: string; LastUsedAt: string }[] }

atOwnEngines('cleaning up through docker-proxy', ({ rig, attackCase, restart, acted, outcomes }) => {
  const { plan, grant, run, carriedOut, told, kept, endRows, onRecord } = cleaningUp(() => rig)
  const docker = (...args: string[]) => rig.docker(...args)
  const live = () =>
    until('it is live', async () => (await rig.kit.ask('containers.list', {}, 'service')).body.freshness === ('live' as never), withinMs)
  beforeEach(async () => {
    rig.engine.alter(null)
    await live()
  })

  /** One that has ended. */
  const ended = (name: string, ...options: string[]) => {
    docker('run', '--name', name, '--network', 'none', ...options, rig.image, 'true')
    return docker('inspect', '-f', '{{.Id}}', name)
  }
  const image = (tag?: string, ...labels: string[]) =>
    rig.own.image(anonymous(), { ...(tag && { tag }), labels: Object.fromEntries(labels.map((label) => label.split('='))) })
  const volume = (name: string, ...labels: string[]) => docker('volume', 'create', ...labels.flatMap((label) => ['--label', label]), name)
  const has = (kind: 'image' | 'volume' | 'container', id: string) =>
    rig.own.ask('GET', `/${kind}s/${id}${kind === 'volume' ? '' : '/json'}`).then(({ status }) => status === 200)
  const removals = () => rig.reached().filter(({ line }) => /^(DELETE|POST .*\/prune)/.test(line))
  const removed = (id: string) => removals().filter(({ line }) => line.includes(id)).length

  attackCase('D24', 'many who ask for the disk use at once', async ({ attack, control, row }) => {
    const held = Promise.withResolvers<undefined>()
    let asked = 0
    rig.engine.alter((line) => {
      if (!line.includes('/system/df')) return undefined
      asked += 1
      return { before: () => held.promise }
    })
    const usage = () => rig.kit.ask('disk.usage', {}, 'viewer')
    await attack('are one question to the engine', async () => {
      const six = Array.from({ length: 6 }, usage)
      await until('it is asked', () => asked > 0, withinMs)
      held.resolve(undefined)
      expect((await Promise.all(six)).map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200])
      expect(asked).toBe(1)
    })
    await control('and the seventh is told when it was measured, and is none', async () => {
      const { status, body } = await usage()
      expect([status, Date.parse(String(body.measuredAt)) <= Date.now(), asked]).toEqual([200, true, 1])
    })
    await row('a refusal of nobody known has one', async () => {
      expect((await rig.kit.ask('disk.usage', {}, 'nobody')).status).toBe(401)
      expect(await rig.refusals(({ action }) => action === 'disk.usage')).toBe(1)
    })
  })

  attackCase('D13', 'ids and names that would say more than they are', async ({ attack, control, row }) => {
    await rig.own.build('built:1', randomBytes(1_000))
    volume('odd')
    // Records rest for a day before they go, so all of them are told to be older; one is told twice, with an odd id, and a volume has an odd name.
    const records: string[] = []
    rig.engine.alter((line) => {
      if (!line.includes('/system/df')) return undefined
      return alteredJson((said: Usage) => {
        records.splice(0, records.length, ...said.BuildCache.map(({ ID }) => ID))
        const old = { CreatedAt: '2026-01-01T00:00:00Z', LastUsedAt: '2026-01-01T00:00:00Z' }
        return {
          ...said,
          Volumes: said.Volumes.map((one) => (one.Name === 'odd' ? { ...one, Name: 'a/../../x' } : one)),
          BuildCache: [...said.BuildCache, { ...said.BuildCache[0], ID: 'x"]}', Type: 'regular', InUse: false, Shared: false }].map(
            (one) => ({ ...one, ...old }),
          ),
        }
      })
    })
    const made = await plan({ kinds: ['volumes', 'build-cache'], volumes: ['a/../../x'] })
    await attack('are not in the plan, and no filter holds one', async () => {
      expect(kept(made)).toMatchObject({ 'x"]}': 'unnameable', 'a/../../x': 'unnameable' })
      expect(made.plan.items.map(({ id }) => id).filter((id) => !/^[a-z0-9]+$/.test(id))).toEqual([])
    })
    await control('those that are plain go, each alone in the one filter that holds a value', async () => {
      expect(made.plan.items.length).toBeGreaterThan(0)
      expect(told(await carriedOut(made.digest))).toEqual([])
      const filter = (id: string) => `POST /v${rig.api}/build/prune?filters=%7B%22id%22%3A%5B%22${id}%22%5D%7D HTTP/1.1`
      expect(
        removals()
          .map(({ line }) => line)
          .sort(),
      ).toEqual(made.plan.items.map(({ id }) => filter(id)).sort())
      await plan({ kinds: ['build-cache'] })
      expect(made.plan.items.filter(({ id }) => records.includes(id))).toEqual([])
    })
    await row('the run and its end', () => onRecord(made.digest))
  })

  attackCase('D14', 'a cleanup without its plan, its confirmation or its person', async (trial) => {
    ended('nobodys')
    await tryWithoutPlan(rig, trial, removals)
  })

  attackCase('D15', 'what is made after the plan', async ({ attack, control, row }) => {
    const planned = [ended('planned'), await image('planned:1'), volume(anonymous())] as const
    const { digest } = await plan({ kinds: ['containers', 'images', 'volumes'], images: 'unused', volumes: [planned[2]] })
    const later = [ended('later'), await image('later:1'), volume(anonymous())] as const
    const there = async ([container, of, called]: typeof planned) => [
      await has('container', container),
      await has('image', of),
      await has('volume', called),
    ]
    await control('what was planned goes', async () => {
      expect(told(await carriedOut(digest))).toEqual([])
      expect(await there(planned)).toEqual([false, false, false])
    })
    await attack('stays, since it is not in the plan', async () => expect(await there(later)).toEqual([true, true, true]))
    await row('the run and its end', () => onRecord(digest))
  })

  attackCase('D16', 'what is marked, before the plan and after it', async ({ attack, control, row }) => {
    const marked = [ended('marked', '--label', mark), await image('marked:1', mark), volume('marked', mark)] as const
    const own = ended('platform-service')
    const [later, plain] = [await image('marked-later:1'), await image('unmarked:1')]
    volume('marked-later')
    const made = await plan({ kinds: ['containers', 'images', 'volumes'], images: 'unused', volumes: ['marked-later', 'marked'] })
    // No engine marks an image that it has: what it says of the image is altered. A volume is made anew under its name.
    rig.engine.alter((line) =>
      line.includes(`/images/${later}/json`)
        ? alteredJson((said: { Config: object }) => ({ ...said, Config: { ...said.Config, Labels: { 'com.bytelyst.protect': 'true' } } }))
        : undefined,
    )
    docker('volume', 'rm', 'marked-later')
    volume('marked-later', mark)
    await attack('stays, and is told', async () => {
      expect(kept(made)).toMatchObject({ [marked[0]]: 'label', [marked[1]]: 'label', [marked[2]]: 'label', [own]: 'console' })
      const exceptions = told(await carriedOut(made.digest))
      expect(exceptions).toContainEqual([later, 'kept', 'label'])
      expect(exceptions).toContainEqual(['marked-later', 'kept', 'label'])
      expect([await has('image', later), await has('volume', 'marked-later')]).toEqual([true, true])
      expect([...marked, own, later, 'marked-later'].map(removed)).toEqual([0, 0, 0, 0, 0, 0])
    })
    await control('one without a mark goes', async () => expect(await has('image', plain)).toBe(false))
    await row('the run and its end', () => onRecord(made.digest))
  })

  attackCase('D17', 'a volume with a name', async ({ attack, control, row }) => {
    for (const name of ['ticked', 'not-ticked', 'taken', 'raced']) volume(name)
    const made = await plan({ kinds: ['volumes'], volumes: ['ticked', 'taken', 'raced'] })
    const take = (name: string) => docker('create', '--network', 'none', '--volume', `${name}:/data`, rig.image, 'true')
    take('taken')
    // Between our last look and the removal: it is the engine that says no.
    rig.engine.alter((line) =>
      line.startsWith('DELETE') && line.includes('/volumes/raced') ? { before: async () => take('raced') } : undefined,
    )
    await attack('stays when it was not ticked, and when it came into use, by our look or by the engine’s', async () => {
      expect(kept(made)).toMatchObject({ 'not-ticked': 'unnamed' })
      expect(told(await carriedOut(made.digest)).sort()).toEqual([
        ['raced', 'kept', 'in-use'],
        ['taken', 'kept', 'in-use'],
      ])
      expect(['not-ticked', 'taken', 'raced'].map(removed)).toEqual([0, 0, 1])
      for (const name of ['not-ticked', 'taken', 'raced']) expect([name, await has('volume', name)]).toEqual([name, true])
    })
    await control('goes when it was ticked', async () => expect(await has('volume', 'ticked')).toBe(false))
    await row('the run and its end', () => onRecord(made.digest))
  })

  attackCase('D18', 'force, and the engine’s own prune', async ({ attack, control, row }) => {
    const id = ended('unforced')
    const twice = await image('one:1')
    docker('tag', twice, 'two:1')
    const { digest } = await plan({ kinds: ['containers', 'images'], images: 'unused' })
    await attack('cannot be asked for', async () => {
      const before = removals().length
      for (const more of [{ force: true }, { v: 1 }, { all: true }, { filters: '{}' }])
        expect((await rig.kit.ask('cleanup.run', { digest, ...more }, 'admin', grant(digest))).body.code).toBe('INPUT_INVALID')
      expect(removals().length).toBe(before)
    })
    await control('the plan goes without them', async () => {
      expect(told(await carriedOut(digest))).toEqual([])
      expect([await has('container', id), await has('image', twice)]).toEqual([false, false])
      expect(rig.relay.sent().join('\n')).not.toMatch(/force|[?&]v=|[?&]all=(?!1 )/)
      expect(removals().filter(({ line }) => /\/prune/.test(line) && !line.includes('/build/prune?filters='))).toEqual([])
      for (const { headers, body } of removals())
        expect([headers.includes('content-length: 0'), headers.some((one) => /^content-type/i.test(one)), body]).toEqual([true, false, ''])
    })
    await row('the run and its end', () => onRecord(digest))
  })

  attackCase('D19', 'images with names, and the parents of images', async ({ attack, control, row }) => {
    /** An image made of another. */
    const child = (from: string, ...tag: string[]) => {
      docker('create', '--name', 'layer', '--network', 'none', from, 'true')
      const id = docker('commit', 'layer', ...tag)
      docker('rm', 'layer')
      return id
    }
    const [unnamed, parent] = [child(await image('root:1')), child('root:1', 'parent:1')]
    const leaves = [child(unnamed, 'child:1'), child(parent, 'child:2')]
    const [tagged, two, dangling] = [await image('tagged:1'), await image('two:1'), await image()]
    docker('tag', two, 'two:2')
    const there = (ids: readonly string[]) => Promise.all(ids.map((id) => has('image', id)))
    await attack('are not what is dangling', async () => {
      const careful = await plan({ kinds: ['images'] })
      expect(careful.plan.items.map(({ id }) => id)).toEqual([dangling])
      expect(kept(careful)).toMatchObject({ [tagged]: 'scope', [two]: 'scope', [leaves[0] ?? '']: 'scope', [parent]: 'parent' })
    })
    const { digest } = await plan({ kinds: ['images'], images: 'unused' })
    await control(
      'go name by name where that was chosen, and a parent stays, of which the engine tells nothing without a name',
      async () => {
        expect(told(await carriedOut(digest))).toEqual([])
        expect(await there([tagged, two, dangling, ...leaves])).toEqual([false, false, false, false, false])
        expect(await there([unnamed, parent])).toEqual([true, true])
        const images = removals().filter(({ line }) => line.includes('/images/'))
        expect(images.every(({ line }) => line.includes('?noprune=1 '))).toBe(true)
        expect(images.filter(({ line }) => line.includes('two:1')).length).toBe(1)
      },
    )
    await row('the run and its end', () => onRecord(digest))
    docker('rmi', unnamed, parent, 'root:1')
  })

  attackCase('D25', 'two cleanups at once', async ({ attack, control, row }) => {
    ended('first')
    volume('second')
    const [first, second] = [await plan({ kinds: ['containers'] }), await plan({ kinds: ['volumes'], volumes: ['second'] })]
    const before = removals().length
    const held = Promise.withResolvers<undefined>()
    rig.engine.alter((line) => (line.startsWith('DELETE') ? { before: () => held.promise } : undefined))
    const answers = [run(first.digest, grant(first.digest)), run(first.digest, grant(first.digest))]
    await until('one removes', () => removals().length - before === 1, withinMs)
    await attack('are one: the other is refused, and so is another plan', async () => {
      expect((await run(second.digest, grant(second.digest))).body.code).toBe('CLEANUP_BUSY')
      expect((await plan({ kinds: ['volumes'], volumes: ['second'] })).plan.items.map(({ id }) => id)).toContain('second')
      expect((await rig.kit.ask('disk.usage', {}, 'viewer')).status).toBe(200)
      held.resolve(undefined)
      const codes = (await Promise.all(answers)).map(({ status, body }) => (status === 200 ? 'done' : body.code))
      expect(codes.sort()).toEqual([expect.stringMatching(/^(CLEANUP_BUSY|PLAN_USED)$/), 'done'])
    })
    await control('afterwards the other plan is still good', async () => {
      await until('the first has ended', async () => (await endRows(first.digest)).length === 1, withinMs)
      expect(told(await carriedOut(second.digest))).toEqual([])
      expect(await has('volume', 'second')).toBe(false)
    })
    await row('one run and one end of each', () => onRecord(second.digest))
  })

  attackCase('R2', 'fields that no version has yet, where the engine tells of disk use', async ({ attack, control, row }) => {
    const left = ended('told')
    let planted = 0
    rig.engine.alter((line) => (line.includes('/system/df') ? alteredJson((said) => withFuture(said, () => (planted += 1))) : undefined))
    const made = await rig.kit.ask('cleanup.plan', { kinds: ['containers', 'images', 'volumes', 'build-cache'] })
    await attack('are in no plan', async () =>
      expect([made.status, planted > 5, made.text]).toEqual([200, true, expect.not.stringMatching(/canary/)]),
    )
    await control('what is known of the same objects is', async () => expect(made.text).toContain(left))
    await row('the rows hold none', async () => expect(JSON.stringify([await rig.rows(), rig.program.output])).not.toMatch(/canary/))
  })

  attackCase('D26', 'the parts of the console itself', async ({ attack, control, row }) => {
    const names = ['docker-proxy', 'devops-backend', 'gateway', 'kept']
    const ids = names.map((name) => docker('run', '-d', '--name', name, '--network', 'none', '--label', mark, rig.image, 'sleep', '600'))
    const [keptId = ''] = ids.slice(-1)
    await until(
      'all are known',
      async () => (await rig.kit.ask('containers.inspect', { container: 'kept' }, 'service')).status === 200,
      withinMs,
    )
    await attack('are not restarted, by name or by id', async () => {
      for (const ref of [...names.slice(0, -1), ...ids.slice(0, -1)])
        expect([ref, (await restart(ref)).body.code]).toEqual([ref, 'PROTECTED'])
      expect(acted().filter(({ line }) => line.includes('/restart'))).toEqual([])
    })
    await control('a container that is only protected from removal is', async () =>
      expect((await restart('kept')).body).toMatchObject({ ok: true, id: keptId }),
    )
    await row('each has failed', async () => {
      for (const ref of [...names.slice(0, -1), ...ids.slice(0, -1)])
        expect([ref, await outcomes(ref)]).toEqual([ref, ['started', 'failed']])
    })
  })

  attackCase('D34', 'images that would push the good ones out', async ({ attack, control, row }) => {
    const protect = (images: unknown) => rig.kit.ask('images.protect', { serviceId: 'web', images }, 'service')
    ended('base-of-good')
    const good = docker('commit', 'base-of-good', 'good:1')
    docker('rm', 'base-of-good')
    const idle = await image('idle:1')
    const runs = docker('run', '-d', '--network', 'none', '--stop-signal', 'KILL', good, 'sleep', '600')
    expect((await protect([good])).status).toBe(200)
    await attack('count only when they run, and never more than twenty', async () => {
      for (let round = 0; round < pushes; round += 1)
        expect((await protect([`sha256:${round.toString(16).padStart(64, '0')}`])).body.code).toBe('INPUT_INVALID')
      expect((await protect([idle])).body.code).toBe('INPUT_INVALID')
      for (const bad of [Array.from({ length: 21 }, () => good), [], 'good:1', ['good:1'], [good.toUpperCase()]])
        expect((await protect(bad)).status).toBe(400)
      for (const as of ['operator', 'viewer'] as const)
        expect((await rig.kit.ask('images.protect', { serviceId: 'web', images: [good] }, as)).body.code).toBe('AUTH_FORBIDDEN')
    })
    await control('the good one stays after its container is gone', async () => {
      docker('rm', '-f', runs)
      const made = await plan({ kinds: ['images'], images: 'unused' })
      expect(kept(made)).toMatchObject({ [good]: 'good-deploy' })
      expect(made.plan.items.map(({ id }) => id)).toContain(idle)
    })
    await row('what was protected has one, and what was refused', async () => {
      const rows = (await rig.rows()).filter(({ action }) => action === 'images.protect')
      expect(rows.filter(({ outcome }) => outcome === 'done')).toMatchObject([{ target: 'web', details: { images: [good] } }])
      await until(
        'the refusals are on record',
        async () => (await rig.refusals(({ action }) => action === 'images.protect')) >= pushes,
        withinMs,
      )
    })
  })
})
