import { createPrivateKey } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { createMask, maskKeyOf } from '@console/audit-chain/mask'
import { attackCase } from '@console/testkit/attack'
import { verifyConsoleAudit } from '@console/testkit/console-audit'
import { until } from '@console/testkit/daemon-harness'
import { aService, good } from '@console/testkit/people'
import { requestBytes } from '@console/testkit/raw-socket'
import { type Person, type RunningParts, startParts } from '@console/testkit/running-parts'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { createConfirming } from './confirming.ts'
import { diskFailsWhile } from './preloads.ts'
import { askDaemon, codeOf } from './raw-asking.ts'

const patienceMs = 45_000

describe('what the logs of running parts say', () => {
  const outside = mkdtempSync(join(homedir(), '.audit-rows-'))
  const effects = join(outside, 'effects')
  const broken = { agent: join(outside, 'agent-disk-fails'), backend: join(outside, 'backend-disk-fails') }
  let parts: RunningParts
  let admin: Person
  let desk: ReturnType<typeof createConfirming>
  beforeAll(async () => {
    parts = await startParts({
      parts: ['platform-service', 'host-agent', 'docker-proxy', 'devops-backend'],
      env: { 'host-agent': diskFailsWhile(broken.agent), 'devops-backend': diskFailsWhile(broken.backend) },
    })
    parts.writeScript('mark', `# variables: TOKEN\necho "$RUN_ID" >> ${effects}`)
    desk = createConfirming(parts, 'mark')
    await desk.works()
    admin = await parts.setUp()
    good(await admin.devops.post('/services', aService('web', 'mark')), 201)
  }, 120_000)
  afterAll(async () => {
    await parts?.stop()
    rmSync(outside, { recursive: true, force: true })
  })

  const happened = (): number => (existsSync(effects) ? readFileSync(effects, 'utf8').split('\n').length - 1 : 0)
  const starts = () => parts.rows('host-agent').filter(({ action }) => action === 'runs.start')
  const intents = () => starts().filter(({ outcome }) => outcome === 'started')

  attackCase('U18', 'a secret among the values that somebody sends', async (it) => {
    const secrets = { kept: 'hunter2-kept-in-variables', sent: 'hunter2-sent-with-a-run' }
    await it.attack('as a variable of the service and as one of a run, it is in no file and no line of any part', async () => {
      const etag = String(good(await admin.devops.get('/services/web/variables'), 200).body.etag)
      const items = [{ name: 'TOKEN', secret: true, value: secrets.kept }]
      const set = { body: { items }, headers: { 'if-match': `"${etag}"` } }
      good(await admin.devops.call('PUT', '/services/web/variables', set), 200)
      const trigger = { reason: 'to see it masked', variables: { TOKEN: secrets.sent } }
      const id = String(good(await admin.devops.post('/deployments/trigger/web', trigger), 202).body.id)
      const over = async () => (await admin.devops.get(`/deployments/${id}`)).body.endedAt
      await until('the run has ended', over, patienceMs)
      const files = readdirSync(parts.folder, { recursive: true, withFileTypes: true }).filter(
        (file) => file.isFile() && !file.name.endsWith('.reserve'),
      )
      const holding = files.filter(({ parentPath, name }) => {
        const bytes = readFileSync(join(parentPath, name))
        return Object.values(secrets).some((secret) => bytes.includes(secret))
      })
      expect(holding.map(({ name }) => name)).toEqual([])
      expect(files.length).toBeGreaterThan(10)
      expect([...parts.running.values()].flatMap(({ output }) => output).join('\n')).not.toContain('hunter2')
    })
    await it.row('a keyed fingerprint stands in its place, covered by the chain', async () => {
      const mask = (part: 'devops' | 'host-agent', text: string) =>
        createMask(maskKeyOf(createPrivateKey(readFileSync(join(parts.folder, part, 'key.pem')))))(text)
      const inputOf = (part: 'devops-backend' | 'host-agent', action: string) =>
        (parts.rows(part).find((row) => row.action === action && row.outcome === 'started') as unknown as { input: object }).input
      expect(inputOf('devops-backend', 'services.variable.set')).toMatchObject({
        items: [{ secret: true, value: mask('devops', secrets.kept) }],
      })
      expect(inputOf('devops-backend', 'deployments.run.trigger')).toMatchObject({ variables: { TOKEN: mask('devops', secrets.sent) } })
      expect(inputOf('host-agent', 'runs.start')).toMatchObject({ variables: { TOKEN: mask('host-agent', secrets.sent) } })
      expect(mask('devops', secrets.sent)).not.toBe(mask('host-agent', secrets.sent))
      await verifyConsoleAudit(parts.folder)
    })
    await it.control('what is no secret stands there as it is', () => {
      const [row] = parts.rows('devops-backend').filter(({ action }) => action === 'deployments.run.trigger')
      expect(row).toMatchObject({ target: 'web', input: { reason: 'to see it masked' } })
    })
  })

  attackCase('U22', 'a backend in other hands that asks a daemon and writes nothing itself', async (it) => {
    const socketPath = parts.socketOf('host-agent')
    const who = desk.somebody()
    const backendRows = parts.rows('devops-backend').length
    const before = { happened: happened(), intents: intents().length }
    let asked = 0
    const args = () => {
      asked += 1
      return {
        runId: `unseen-${asked}`,
        scriptId: 'mark',
        serviceId: `unseen-${asked}`,
        reason: 'unseen',
        onBusy: 'queue',
        variables: {},
        secretNames: [],
      }
    }
    const bytes = (headers: readonly (readonly [string, string])[] = []) =>
      requestBytes({
        target: '/v1/runs.start',
        headers: [['host', 'daemon'], ['content-type', 'application/json'], ['authorization', desk.bearer(who)], ...headers],
        body: JSON.stringify(args()),
      })
    /** Sends and hangs up: nobody hears the answer. */
    const sendAndLeave = (text: string) =>
      new Promise<void>((resolve) => {
        const socket = connect(socketPath, () => socket.end(text))
        socket.on('error', () => undefined).resume()
        socket.once('close', () => resolve())
      })
    await it.attack('without an id of its request, with a used one, with words that ask for silence, two at once and gone', async () => {
      for (const headers of [
        [],
        [['x-request-id', '']],
        [['x-request-id', 'used']],
        [['x-request-id', 'used']],
        [['x-audit', 'off']],
        [
          ['x-no-audit', '1'],
          ['prefer', 'no-audit'],
        ],
      ] as [string, string][][])
        await sendAndLeave(bytes(headers))
      await Promise.all([sendAndLeave(bytes()), sendAndLeave(bytes())])
      await until('all have happened', () => happened() >= before.happened + asked, patienceMs)
      expect(happened()).toBe(before.happened + asked)
    })
    await it.row('the daemon has an intent for each, and the backend has none', () => {
      const own = starts().filter(({ target, actor }) => actor.id === who.sub && target.startsWith('unseen-'))
      for (let n = 1; n <= asked; n += 1)
        expect(own.filter(({ target }) => target === `unseen-${n}`).map(({ outcome }) => outcome)).toEqual(['started', 'done'])
      expect(intents().length).toBe(before.intents + asked)
      expect(
        parts
          .rows('devops-backend')
          .slice(backendRows)
          .filter(({ action }) => !action.startsWith('audit.')),
      ).toEqual([])
    })
    await it.attack('where the daemon cannot write, nothing happens', async () => {
      const seen = happened()
      writeFileSync(broken.agent, '')
      const refused = await askDaemon(socketPath, 'runs.start', { authorization: desk.bearer(who), args: args() })
      rmSync(broken.agent)
      expect(codeOf(refused)).toEqual([503, 'AUDIT_UNAVAILABLE'])
      await it.control('and once it can write again, the next one does', async () => {
        const works = async () =>
          (await askDaemon(socketPath, 'runs.start', { authorization: desk.bearer(who), args: args() })).status === 200
        await until('it is taken', works, patienceMs)
        await until('it has happened', () => happened() > seen, patienceMs)
        expect(happened()).toBe(seen + 1)
      })
    })
  })

  attackCase('U13', 'a disk that fails when a row is to become durable', async (it) => {
    const red = async () => {
      const { body } = good(await admin.devops.get('/parts'), 200)
      return (body.parts as unknown as { part: string; state: string }[]).find(({ part }) => part === 'audit')?.state
    }
    const register = (name: string) => admin.devops.post('/services', aService(name))
    await it.attack('a change is refused, reads go on, and the page says that the log cannot be written', async () => {
      writeFileSync(broken.backend, '')
      const refused = await register('not-kept')
      expect([refused.status, refused.body.code]).toEqual([503, 'AUDIT_UNAVAILABLE'])
      for (const path of ['/services', '/deployments', '/audit', '/privileges'])
        expect([path, (await admin.devops.get(path)).status]).toEqual([path, 200])
      await until('it is red', async () => (await red()) === 'away', patienceMs)
      expect((await admin.devops.get('/services/not-kept')).status).toBe(404)
    })
    await it.control('the same change when it works again', async () => {
      rmSync(broken.backend)
      await until('it is kept', async () => (await register('kept')).status === 201, patienceMs)
      await until('it is green', async () => (await red()) === 'up', patienceMs)
    })
    await it.row('of the refused one nothing, of the other both, and the chain holds', async () => {
      const of = (name: string) => parts.rows('devops-backend').filter(({ target }) => target === name)
      expect(of('not-kept')).toEqual([])
      expect(
        of('kept')
          .map(({ outcome }) => outcome)
          .slice(-2),
      ).toEqual(['started', 'done'])
      await verifyConsoleAudit(parts.folder)
    })
  })
})
