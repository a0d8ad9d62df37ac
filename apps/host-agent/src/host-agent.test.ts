import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { createHarness, type Harness, until } from '@console/testkit/daemon-harness'
import { type Program, startProgram } from '@console/testkit/program'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'

type Run = {
  runId: string
  state: string
  exitCode: number | null
  lines: number
  steps: { name: string }[]
  firstErrorLine: number | null
  position: number | null
  cut: boolean
  code: string | null
}

describe('host-agent', () => {
  let kit: Harness
  let agent: Program
  let root: string
  let runs = 0
  // Below a folder that only we may write: /tmp itself would be refused for its parents' sake elsewhere.
  const base = mkdtempSync(join(homedir(), '.host-agent-test-'))
  const start = async () => {
    agent = await startProgram('apps/host-agent/src/main.ts', { ...kit.env, SCRIPT_ROOTS: root })
  }
  const script = (name: string, text: string) => {
    const path = join(root, `${name}.sh`)
    writeFileSync(path, `#!/bin/bash\n${text}\n`, { mode: 0o755 })
    return path
  }
  const approve = async (scriptId: string, wish: object = {}) => {
    const { body } = await kit.ask('scripts.plan', { scriptId, ...wish })
    const { digest } = body as unknown as { digest: string }
    return kit.ask('scripts.approve', { digest }, 'admin', kit.grant('scripts.approve', digest))
  }
  const trigger = (scriptId: string, over: object = {}) => {
    runs += 1
    return kit.ask(
      'runs.start',
      {
        runId: `run-${runs}`,
        scriptId,
        serviceId: `svc-${runs}`,
        reason: 'a test',
        onBusy: 'queue',
        variables: {},
        secretNames: [],
        ...over,
      },
      'operator',
    )
  }
  const get = async (runId: string) => ((await kit.ask('runs.get', { runId }, 'service')).body as unknown as { run: Run }).run
  const ended = (runId: string, withinMs = 15_000) =>
    until(
      `${runId} ends`,
      async () => {
        const run = await get(runId)
        return run.state !== 'queued' && run.state !== 'running' && run
      },
      withinMs,
    )
  const lines = (runId: string) =>
    kit.read('runs.log', { runId, limit: 5_000 }, () => false, 'service') as unknown as Promise<
      { seq: number; stream: string; text: string }[]
    >
  const marked = (runId: string) =>
    readdirSync('/proc')
      .filter((pid) => /^[0-9]+$/.test(pid))
      .filter((pid) => {
        try {
          return (
            readFileSync(`/proc/${pid}/environ`, 'latin1').includes(`BYTELYST_RUN=${runId}`) &&
            !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
          )
        } catch {
          return false
        }
      })

  beforeAll(async () => {
    kit = createHarness('host-agent')
    root = join(base, 'scripts')
    mkdirSync(root, { mode: 0o755 })
    await start()
  })
  beforeEach(() => kit.nextPerson())
  afterAll(async () => {
    await agent?.stop()
    kit?.remove()
    rmSync(base, { recursive: true, force: true })
  })

  it('runs what was approved, and tells streams, steps, exit status and the first error line', async () => {
    script('plain', '# variables: NAME TOKEN\necho "::step one::"; echo "hello $NAME"; echo "an error: $TOKEN" >&2; env | sort; exit 3')
    expect((await approve('plain')).body).toMatchObject({ script: { status: 'approved' } })
    const { body } = await trigger('plain', { variables: { NAME: 'a $(b) "c"', TOKEN: 'hunter2secret' }, secretNames: ['TOKEN'] })
    const { runId } = (body as unknown as { run: Run }).run
    expect(await ended(runId)).toMatchObject({ state: 'exited', exitCode: 3, steps: [{ name: 'one' }] })
    const output = await lines(runId)
    expect(output.find(({ text }) => text?.startsWith('hello'))).toMatchObject({ stream: 'out', text: 'hello a $(b) "c"' })
    expect(output.find(({ text }) => text?.startsWith('an error'))).toMatchObject({ stream: 'err', text: 'an error: ••••••' })
    const names = output.filter(({ text }) => /^[A-Z_]+=/.test(text ?? '')).map(({ text }) => text.split('=')[0])
    expect(names.filter((name) => name !== '_' && name !== 'PWD' && name !== 'SHLVL').sort()).toEqual([
      'BYTELYST_RUN',
      'HOME',
      'LANG',
      'NAME',
      'PATH',
      'RUN_ID',
      'SERVICE_ID',
      'TOKEN',
      'USER',
    ])
    const everything = spawnSync('grep', ['-rl', 'hunter2secret', kit.dataDir], { encoding: 'utf8' }).stdout
    expect(everything).toBe('')
  }, 20_000)

  it('refuses what was never approved, what changed, and what a grant was not given for', async () => {
    const path = script('once', 'echo one')
    expect((await trigger('once')).body.code).toBe('SCRIPT_NOT_APPROVED')
    const { body } = await kit.ask('scripts.plan', { scriptId: 'once' })
    const { digest } = body as unknown as { digest: string }
    expect((await kit.ask('scripts.approve', { digest })).body.code).toBe('AUTH_GRANT_REQUIRED')
    expect((await kit.ask('scripts.approve', { digest }, 'admin', kit.grant('scripts.approve', 'a'.repeat(64)))).body.code).toBe(
      'AUTH_GRANT_MISMATCH',
    )
    expect((await kit.ask('scripts.approve', { digest }, 'operator', kit.grant('scripts.approve', digest))).status).toBe(403)
    const grant = kit.grant('scripts.approve', digest)
    const answers = await Promise.all(Array.from({ length: 8 }, () => kit.ask('scripts.approve', { digest }, 'admin', grant)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    writeFileSync(path, '#!/bin/bash\necho two\n')
    expect((await trigger('once')).body).toMatchObject({ code: 'SCRIPT_CHANGED', details: { scriptId: 'once' } })
    const again = await kit.ask('scripts.plan', { scriptId: 'once' })
    expect(again.body).toMatchObject({ plan: { previousText: '#!/bin/bash\necho one\n', text: '#!/bin/bash\necho two\n' } })
  })

  it('refuses files and folders that others could write, links, and what is no script', async () => {
    const open = script('open', 'echo x')
    chmodSync(open, 0o777)
    symlinkSync(open, join(root, 'link.sh'))
    writeFileSync(join(root, 'empty.sh'), '')
    writeFileSync(join(root, 'nul.sh'), 'echo \0')
    writeFileSync(join(root, 'crlf.sh'), 'echo\r\n')
    execFileSync('mkfifo', [join(root, 'fifo.sh')])
    const { items } = (await kit.ask('scripts.list', {}, 'viewer')).body as unknown as {
      items: { scriptId: string; status: string; reason: string }[]
    }
    const refused = items.filter(({ status }) => status === 'refused').map(({ scriptId }) => scriptId)
    expect(refused.sort()).toEqual(['crlf', 'empty', 'fifo', 'link', 'nul', 'open'])
    for (const id of ['../x', '/etc/passwd', '__proto__', 'a/b']) expect((await kit.ask('scripts.plan', { scriptId: id })).status).toBe(400)
    for (const name of ['open.sh', 'link.sh', 'empty.sh', 'nul.sh', 'crlf.sh', 'fifo.sh']) rmSync(join(root, name))
  })

  it('cancels a run with everything that it started, whatever it did to hide', async () => {
    script(
      'hangs',
      'trap "" TERM\nsetsid bash -c \'trap "" TERM; (setsid sleep 600 &) ; while true; do sleep 1; done\' &\nwhile true; do sleep 1; done',
    )
    await approve('hangs')
    const { runId } = ((await trigger('hangs')).body as unknown as { run: Run }).run
    await until('it has children', () => marked(runId).length >= 4)
    const reply = await kit.ask('runs.cancel', { runId, reason: 'enough' }, 'operator')
    expect(reply.body).toMatchObject({ run: { runId } })
    expect((await ended(runId)).state).toBe('cancelled')
    expect(marked(runId)).toEqual([])
    expect((await kit.ask('runs.cancel', { runId, reason: 'again' }, 'operator')).body.code).toBe('RUN_ENDED')
  }, 30_000)

  it('never begins a script that was cancelled right after it was asked for', async () => {
    script('late', 'echo began > "$HOME/late-began"')
    await approve('late')
    for (let n = 0; n < 5; n += 1) {
      const { runId } = ((await trigger('late')).body as unknown as { run: Run }).run
      await kit.ask('runs.cancel', { runId, reason: 'at once' }, 'operator')
      expect((await ended(runId)).state).toBe('cancelled')
      expect(marked(runId)).toEqual([])
    }
  }, 60_000)

  it('admits no row that names a file outside the roots', async () => {
    const outside = join(base, 'outside.sh')
    writeFileSync(outside, '#!/bin/bash\necho outside\n', { mode: 0o755 })
    const { createHash } = await import('node:crypto')
    const sha256 = createHash('sha256').update(readFileSync(outside)).digest('hex')
    const folder = join(kit.dataDir, 'host-agent/scripts.d')
    const row = {
      v: 1,
      scriptId: 'planted',
      path: outside,
      sha256,
      user: 'root',
      workingDirectory: base,
      timeoutSec: 5,
      variables: [],
      approvedBy: 'nobody',
      approvedAt: '2026-01-01T00:00:00.000Z',
    }
    writeFileSync(join(folder, 'planted.json'), JSON.stringify(row))
    writeFileSync(join(folder, `${sha256}.sh`), readFileSync(outside))
    expect((await trigger('planted')).body.code).toBe('SCRIPT_REFUSED')
    rmSync(join(folder, 'planted.json'))
  })

  it('ends a run at its deadline', async () => {
    script('slow', 'setsid bash -c \'trap "" TERM; while true; do sleep 1; done\' &\ntrap "" TERM\nwhile true; do sleep 1; done')
    await approve('slow', { timeoutSec: 1 })
    const { runId } = ((await trigger('slow')).body as unknown as { run: Run }).run
    expect((await ended(runId)).state).toBe('timed-out')
    expect(marked(runId)).toEqual([])
  }, 20_000)

  it('runs one at a time for a service, the others in line, and refuses where it is told to', async () => {
    script('gate', 'while [ ! -e "$HOME/gate-open" ]; do sleep 0.05; done')
    await approve('gate')
    const service = { serviceId: 'one-service' }
    const started = await Promise.all(Array.from({ length: 6 }, () => trigger('gate', service)))
    const ids = started.map(({ body }) => (body as unknown as { run: Run }).run.runId)
    await until('one runs', async () => (await Promise.all(ids.map(get))).filter(({ state }) => state === 'running').length === 1)
    expect((await Promise.all(ids.map(get))).filter(({ state }) => state === 'queued')).toHaveLength(5)
    expect((await trigger('gate', { ...service, onBusy: 'refuse' })).body.code).toBe('RUN_BUSY')
    const waiting = (await Promise.all(ids.map(get))).find(({ state }) => state === 'queued')?.runId ?? ''
    expect((await kit.ask('runs.cancel', { runId: waiting, reason: 'not needed' }, 'service')).body).toMatchObject({
      run: { state: 'cancelled' },
    })
    const running = (await Promise.all(ids.map(get))).find(({ state }) => state === 'running')?.runId ?? ''
    expect((await kit.ask('runs.cancel', { runId: running, reason: 'not needed' }, 'service')).status).toBe(403)
    const same = await kit.ask(
      'runs.start',
      { runId: running, scriptId: 'gate', serviceId: 'one-service', reason: 'a repeat', onBusy: 'queue', variables: {}, secretNames: [] },
      'operator',
    )
    expect(same.body).toMatchObject({ run: { runId: running, reason: 'a test' } })
    writeFileSync(join(homedir(), 'gate-open'), '')
    for (const id of ids) await ended(id)
    rmSync(join(homedir(), 'gate-open'))
  }, 30_000)

  it('is killed in the middle, comes back, and tells how each run ended', async () => {
    script('long', 'for n in $(seq 30); do echo "line $n"; sleep 0.1; done; exit 7')
    script('short', 'sleep 0.5; exit 5')
    await approve('long')
    await approve('short')
    const first = ((await trigger('long')).body as unknown as { run: Run }).run.runId
    const second = ((await trigger('short')).body as unknown as { run: Run }).run.runId
    const lost = ((await trigger('long')).body as unknown as { run: Run }).run.runId
    const queued = ((await trigger('short', { serviceId: `svc-${runs}` })).body as unknown as { run: Run }).run.runId
    await until('it writes', async () => (await get(first)).lines >= 2 && (await get(lost)).lines >= 2)
    await agent.kill()
    for (const pid of marked(lost)) process.kill(Number(pid), 'SIGKILL')
    const wrapper = JSON.parse(readFileSync(join(kit.dataDir, 'host-agent/runs', lost, 'alive.json'), 'utf8')) as {
      wrapper: { pid: number }
    }
    process.kill(wrapper.wrapper.pid, 'SIGKILL')
    rmSync(join(kit.dataDir, 'host-agent/runs', lost, 'exit.json'), { force: true })
    await until('the short one has ended meanwhile', () => readdirSync(join(kit.dataDir, 'host-agent/runs', second)).includes('exit.json'))
    await start()
    expect((await ended(second, 2_000)).exitCode).toBe(5)
    expect((await ended(lost, 10_000)).state).toBe('interrupted')
    expect(await ended(first)).toMatchObject({ state: 'exited', exitCode: 7, lines: 30 })
    expect(await ended(queued)).toMatchObject({ state: 'exited', exitCode: 5 })
  }, 40_000)

  it('keeps at most 10 MiB of output and says so', async () => {
    script('floods', 'head -c 30000000 /dev/zero | tr "\\0" x | fold -w 200; echo the end')
    await approve('floods')
    const { runId } = ((await trigger('floods')).body as unknown as { run: Run }).run
    const run = await ended(runId)
    expect(run.cut).toBe(true)
    expect(
      Number(execFileSync('stat', ['-c', '%s', join(kit.dataDir, 'host-agent/runs', runId, 'output.ndjson')], { encoding: 'utf8' })),
    ).toBeLessThan(20_000_000)
  }, 30_000)

  it('runs the bytes that were hashed, however fast the file is swapped', async () => {
    const good = 'echo good'
    const path = script('swap', good)
    await approve('swap')
    const goodText = readFileSync(path, 'utf8')
    writeFileSync(join(base, 'evil'), '#!/bin/bash\necho evil\n', { mode: 0o755 })
    writeFileSync(join(base, 'good'), goodText, { mode: 0o755 })
    let swapping = true
    const swapper = (async () => {
      for (let n = 0; swapping; n += 1) {
        execFileSync('cp', [join(base, n % 2 ? 'evil' : 'good'), `${path}.next`])
        renameSync(`${path}.next`, path)
        await new Promise((resolve) => setImmediate(resolve))
      }
    })()
    const outcomes: string[] = []
    for (let n = 0; n < 25; n += 1) {
      const { body } = await trigger('swap')
      const { run } = body as unknown as { run?: Run }
      if (!run) outcomes.push(String(body.code))
      else if ((await ended(run.runId)).state === 'exited') outcomes.push((await lines(run.runId)).map(({ text }) => text ?? '').join(''))
      else outcomes.push('refused')
    }
    swapping = false
    await swapper
    expect(new Set(outcomes).has('evil')).toBe(false)
    expect(
      outcomes.filter(
        (one) => one !== 'good' && one !== 'SCRIPT_CHANGED' && one !== 'refused' && one !== 'SCRIPT_NOT_FOUND' && one !== 'RATE_LIMITED',
      ),
    ).toEqual([])
  }, 60_000)

  it('probes loopback only, follows nothing, and hands no text back', async () => {
    const server = createServer((request, response) => {
      if (request.url === '/moved') response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end()
      else response.end('all is ready here')
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const probe = (target: string, more: object = {}) =>
      kit.ask('health.probe', { kind: 'http', target, timeoutMs: 1_000, ...more }, 'service')
    expect((await probe(`${origin}/`, { expectBody: 'ready' })).body).toMatchObject({ ok: true, status: 200, bodyMatched: true })
    expect((await probe(`${origin}/`, { expectBody: 'other' })).body).toMatchObject({ ok: false, bodyMatched: false })
    expect((await probe(`${origin}/moved`)).body).toMatchObject({ status: 302 })
    expect((await probe(`${origin}/`)).text).not.toContain('all is ready')
    for (const target of ['http://169.254.169.254/', 'http://example.org/', 'file:///etc/passwd', 'http://user:pw@127.0.0.1/', 'unix:/x'])
      expect((await probe(target)).body.code).toBe('HEALTH_TARGET_REFUSED')
    expect((await probe('http://127.0.0.1:1/')).body).toMatchObject({ ok: false, error: { message: 'connection refused' } })
    server.close()
  })
})
