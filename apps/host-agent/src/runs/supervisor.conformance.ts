import { type Line, openDesk, type Run } from '@console/testkit/agent-desk'
import type { AgentPlace } from '@console/testkit/agent-place'
import { until } from '@console/testkit/daemon-harness'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'

const stubborn = 'trap "" TERM; while :; do sleep 1; done'
/** Processes whose arguments hold a word. It is given in two pieces, so that who looks does not find itself. */
const findByWord = `for d in /proc/[0-9]*; do
  if mapfile -d '' -t a <"$d/cmdline"; then [[ "\${a[*]}" == *"$1$2"* ]] && echo "\${d#/proc/}"; fi 2>/dev/null
done; true`

/** What every supervisor must do, whatever holds its runs; asked of the real program over its socket. */
export function supervisorConformance(open: () => Promise<AgentPlace>): void {
  let place: AgentPlace
  let desk: ReturnType<typeof openDesk>
  // Other tests on this machine start such processes too, and the machine with systemd may share its numbers with this one.
  let tag = ''
  let stillborn = ''
  let next = ''
  let untold = ''
  const endOf = (runId: string) => (row: { action: string; target: string }) => row.action === 'runs.end' && row.target === runId
  const living = (word: string): string[] => place.bash(findByWord, word, `-${tag}`).split('\n').filter(Boolean)
  const inFolder = (runId: string, file: string): string => `${place.runs}/${runId}/${file}`

  beforeAll(async () => {
    place = await open()
    desk = openDesk(place)
    await place.start()
    desk.put('never', 'echo began')
    await desk.approve('never')
    // A folder in the place of the file by which the wrapper says that it lives: it cannot begin. Looked at in the end.
    tag = place.kit.dataDir.slice(-6)
    stillborn = `stillborn-${tag}`
    untold = `untold-${tag}`
    place.bash('mkdir -p "$1"', inFolder(stillborn, 'alive.json'))
    await desk.begin('never', { runId: stillborn, serviceId: 'births' })
    next = await desk.begin('never', { serviceId: 'births' })
  }, 90_000)
  beforeEach(() => place.kit.nextPerson())
  afterAll(() => place?.remove(), 90_000)

  it('keeps stdout and stderr apart and in order, with steps, the exit status and the environment it was given', async () => {
    const text = [
      'echo "::step one::"',
      'echo out-1',
      'echo "an error" >&2',
      'sleep 0.2; echo "hello $NAME"',
      'env -0 | sort -z | tr "\\0" "\\n"',
      'exit 3',
    ]
    desk.put('plain', `# variables: NAME\n${text.join('\n')}`)
    expect((await desk.approve('plain')).body).toMatchObject({ script: { status: 'approved' } })
    const runId = await desk.begin('plain', { variables: { NAME: 'a $(b) "c" `d`' } })
    expect(await desk.ended(runId)).toMatchObject({ state: 'exited', exitCode: 3, steps: [{ name: 'one' }], code: null })
    const lines = await desk.lines(runId)
    expect(lines.map(({ seq }) => seq)).toEqual(lines.map((_, index) => index + 1))
    expect(lines.find(({ text: one }) => one === 'out-1')).toMatchObject({ stream: 'out' })
    expect(lines.find(({ text: one }) => one === 'an error')).toMatchObject({ stream: 'err' })
    expect(lines.find(({ text: one }) => one.startsWith('hello'))).toMatchObject({ stream: 'out', text: 'hello a $(b) "c" `d`' })
    const names = lines.filter(({ text: one }) => /^[A-Za-z_]+=/.test(one)).map(({ text: one }) => one.split('=')[0])
    const byTheShell = ['PWD', 'SHLVL', '_', 'OLDPWD']
    expect(names.filter((name) => !byTheShell.includes(name ?? '')).sort()).toEqual([
      'BYTELYST_RUN',
      'HOME',
      'LANG',
      'NAME',
      'PATH',
      'RUN_ID',
      'SERVICE_ID',
      'USER',
    ])
  }, 90_000)

  it('covers secret values before they are stored, and has them in no argument and no file', async () => {
    const secret = 'hunter2-"secret\\value'
    desk.put(
      'tells',
      [
        '# variables: TOKEN',
        'echo "whole $TOKEN"; echo "err $TOKEN" >&2',
        'printf "%s" "$(echo "$TOKEN" | cut -c -9)"; sleep 0.6; echo "$TOKEN" | cut -c 10-',
        'sleep 60',
      ].join('\n'),
    )
    await desk.approve('tells')
    const runId = await desk.begin('tells', { variables: { TOKEN: secret }, secretNames: ['TOKEN'] })
    await desk.wrote(runId, 3)
    expect(place.bash(findByWord, 'hunt', 'er2')).toBe('')
    expect((await desk.lines(runId)).map(({ text }) => text).sort()).toEqual(['err ••••••', 'whole ••••••', '••••••'])
    expect(place.bash('grep -rlF hunter2 "$1" || true', place.runs.replace(/\/runs$/, ''))).toBe('')
    expect(JSON.stringify(await desk.journal())).not.toContain('hunter2')
    await desk.cancel(runId)
    await desk.ended(runId)
  }, 90_000)

  it('runs a script as the account that its approval names, which can read nothing of the agent', async () => {
    desk.put('other', `id -u; id -G; cat ${place.runs}/../key.pem; cat /proc/$PPID/environ; true`)
    const approved = await desk.approve('other', { user: 'nobody' })
    if (place.bash('id -u').trim() !== '0') {
      expect(approved.status).not.toBe(200)
      return
    }
    const runId = await desk.begin('other')
    expect(await desk.ended(runId)).toMatchObject({ state: 'exited', exitCode: 0, user: 'nobody' })
    const [uid, groups, ...more] = (await desk.lines(runId)).map(({ text }) => text)
    expect([uid, groups]).toEqual(['65534', '65534'])
    expect(more).toHaveLength(2)
    for (const line of more) expect(line).toContain('Permission denied')
  }, 90_000)

  it('cancels a run with all that it started, in sessions of their own and deaf to TERM', async () => {
    desk.put(
      'hides',
      `(setsid bash -c '${stubborn}; : hides-${tag}' &)\nsetsid bash -c '(setsid bash -c "${stubborn.replaceAll('"', '\\"')}; : hides-${tag}" &); ${stubborn}; : hides-${tag}' &\n${stubborn}`,
    )
    await desk.approve('hides')
    const runId = await desk.begin('hides')
    await until('its children are there', () => living('hides').length >= 3, 30_000)
    expect((await desk.cancel(runId)).body).toMatchObject({ run: { state: 'cancelled' } })
    expect(living('hides')).toEqual([])
    expect((await desk.get(runId)).cancelledBy).toMatch(/^user-/)
    expect((await desk.cancel(runId)).body.code).toBe('RUN_ENDED')
  }, 90_000)

  it('leaves nothing of a script that is cancelled right after it was asked for', async () => {
    desk.put('late', `bash -c 'while :; do sleep 1; done; : late-${tag}'`)
    await desk.approve('late')
    for (let n = 0; n < 4; n += 1) {
      const runId = await desk.begin('late')
      expect((await desk.cancel(runId)).body).toMatchObject({ run: { state: 'cancelled' } })
      expect(living('late')).toEqual([])
    }
  }, 90_000)

  it('ends at the limit everything that its kind of containment can hold', async () => {
    // One that clears its environment, forks twice and leads a session: only a cgroup still knows it.
    desk.put(
      'slow',
      `env -i setsid --fork bash -c '${stubborn}; : slow-escaped-${tag}' </dev/null >/dev/null 2>&1\nsetsid bash -c '${stubborn}; : slow-held-${tag}' &\n${stubborn}`,
    )
    await desk.approve('slow', { timeoutSec: 2 })
    const runId = await desk.begin('slow')
    await until('all are there', () => living('slow-escaped').length > 0 && living('slow-held').length > 0, 30_000)
    expect(await desk.ended(runId)).toMatchObject({ state: 'timed-out', exitCode: null })
    expect((await desk.lines(runId)).find(({ stream }) => stream === 'sys')?.text).toContain('limit of 2 s')
    expect(living('slow-held')).toEqual([])
    // Decision 9 says so in words.
    const escaped = living('slow-escaped')
    expect(escaped).toHaveLength(place.kind === 'unit' ? 0 : 1)
    for (const pid of escaped) place.bash('kill -9 "$1"', pid)
  }, 90_000)

  it('is killed in the middle, and goes on with what lives, takes the end of what ended, and says what is lost', async () => {
    desk.put('long', 'for n in $(seq 60); do echo "line $n"; sleep 0.1; done; exit 7')
    desk.put('short', 'echo begun; sleep 0.5; exit 5')
    desk.put('lost', `echo begun; trap "" TERM; bash -c '${stubborn}; : lost-${tag}'`)
    desk.put('deaf', `echo begun; trap "" TERM; bash -c '${stubborn}; : deaf-${tag}'`)
    for (const scriptId of ['long', 'short', 'lost', 'deaf']) await desk.approve(scriptId)
    const [long, lost, deaf, short] = [
      await desk.begin('long'),
      await desk.begin('lost'),
      await desk.begin('deaf'),
      await desk.begin('short'),
    ]
    const over = await desk.begin('short')
    await desk.ended(over)
    const queued = await desk.begin('short', { serviceId: ((await desk.get(long)) as Run & { serviceId: string }).serviceId })
    for (const runId of [long, lost, deaf, short]) await desk.wrote(runId, 1)
    await until('all of them are there', () => living('lost').length > 0 && living('deaf').length > 0, 45_000)
    const before = await desk.log(long, { follow: true }, (lines) => lines.length >= 3)
    const cancelling = desk.cancel(deaf).catch(() => undefined)
    await until('the cancelling is on disk', () => place.bash('ls "$1"', inFolder(deaf, '')).includes('cancelled'), 30_000)
    await place.kill()
    await cancelling
    // What a kill leaves between a run's end and the row of it.
    const asUntold = 'cp -r "$1" "$2" && rm -f "$2"/told-* && sed -i "s/$3/$4/g" "$2/run.json"'
    place.bash(asUntold, inFolder(over, ''), inFolder(untold, ''), over, untold)
    const wrapper = JSON.parse(place.bash('cat "$1"', inFolder(lost, 'alive.json'))) as { wrapper: { pid: number } }
    place.bash('kill -9 "$1"', String(wrapper.wrapper.pid))
    await until('the short one has ended meanwhile', () => place.bash('ls "$1"', inFolder(short, '')).includes('exit.json'), 30_000)
    await place.start()
    await until('the untold end is on record', async () => (await desk.journal()).some(endOf(untold)), 30_000)
    expect(await desk.ended(short)).toMatchObject({ state: 'exited', exitCode: 5 })
    expect(await desk.ended(lost)).toMatchObject({ state: 'interrupted', exitCode: null })
    expect(await desk.ended(deaf)).toMatchObject({ state: 'cancelled' })
    expect(living('lost').concat(living('deaf'))).toEqual([])
    const after = await desk.log(long, { follow: true, after: before.at(-1)?.seq })
    expect(await desk.ended(long)).toMatchObject({ state: 'exited', exitCode: 7, lines: 60 })
    expect([...before, ...after].filter(({ seq }) => seq !== undefined).map(({ seq, text }) => `${seq} ${text}`)).toEqual(
      Array.from({ length: 60 }, (_, index) => `${index + 1} line ${index + 1}`),
    )
    expect(await desk.ended(queued)).toMatchObject({ state: 'exited', exitCode: 5 })
  }, 180_000)

  it('runs one at a time for a service, the others in the order they came, and refuses where it is told to', async () => {
    desk.put('gate', `while [ ! -e "${place.scripts}/open" ]; do sleep 0.05; done`)
    await desk.approve('gate')
    const serviceId = 'one-service'
    const ids: string[] = []
    for (let n = 0; n < 5; n += 1) ids.push(await desk.begin('gate', { serviceId }))
    const [first = '', second = '', third = '', ...rest] = ids
    const states = async () => (await Promise.all(ids.map(desk.get))).map(({ state, position }) => `${state} ${position}`)
    expect(await states()).toEqual(['running null', 'queued 1', 'queued 2', 'queued 3', 'queued 4'])
    expect((await desk.trigger('gate', { serviceId, onBusy: 'refuse' })).body.code).toBe('RUN_BUSY')
    expect((await desk.cancel(first, 'service')).body.code).toBe('AUTH_FORBIDDEN')
    expect((await desk.cancel(third, 'service')).body).toMatchObject({
      run: { state: 'cancelled', cancelledBy: 'system:devops-backend' },
    })
    expect((await desk.trigger('gate', { serviceId, runId: second, reason: 'the same again' })).body).toMatchObject({
      run: { runId: second, reason: 'a test' },
    })
    place.bash('touch "$1/open"', place.scripts)
    const times = await Promise.all(
      [first, second, ...rest].map((runId) => desk.ended(runId) as Promise<Run & { startedAt: string; endedAt: string }>),
    )
    for (const [index, { state, startedAt }] of times.entries()) {
      expect(state).toBe('exited')
      expect(startedAt >= (times[index - 1]?.endedAt ?? '')).toBe(true)
    }
  }, 90_000)

  it('keeps at most 10 MiB of output and says so', async () => {
    desk.put('floods', 'head -c 30000000 /dev/zero | tr "\\0" x | fold -w 200; echo the end')
    await desk.approve('floods')
    const runId = await desk.begin('floods')
    const run = await desk.ended(runId)
    expect(run).toMatchObject({ state: 'exited', exitCode: 0, cut: true })
    expect(Number(place.bash('stat -c %s "$1"', inFolder(runId, 'output.ndjson')))).toBeLessThan(16_000_000)
    const last = await desk.log(runId, { after: run.lines - 2 })
    expect(last.find(({ stream }) => stream === 'sys')?.text).toBe('The output was cut here: it is over 10 MiB. The script goes on.')
  }, 90_000)

  it('tells many readers the same, each from where it was, and the end once and last', async () => {
    desk.put('talks', 'for n in $(seq 40); do echo "line $n"; sleep 0.05; done')
    await desk.approve('talks')
    const runId = await desk.begin('talks')
    await desk.wrote(runId, 5)
    const told = await Promise.all(Array.from({ length: 12 }, (_, after) => desk.log(runId, { follow: true, after })))
    for (const [after, lines] of told.entries()) {
      const spoken = lines.filter(({ ping }) => !ping)
      expect(spoken.slice(0, -1).map(({ text }: Line) => text)).toEqual(
        Array.from({ length: 40 - after }, (_, n) => `line ${n + after + 1}`),
      )
      expect(spoken.at(-1)).toEqual({ ended: 'exited' })
    }
  }, 90_000)

  it('refuses a script that was edited, also while its run waits, and shows both texts', async () => {
    const path = desk.put('edited', 'sleep 2')
    await desk.approve('edited')
    const running = await desk.begin('edited', { serviceId: 'edits' })
    const waiting = await desk.begin('edited', { serviceId: 'edits' })
    place.write(path, '#!/bin/bash\necho other\n')
    expect((await desk.trigger('edited')).body).toMatchObject({
      code: 'SCRIPT_CHANGED',
      status: 409,
      details: {
        scriptId: 'edited',
        approvedSha256: expect.stringMatching(/^[a-f0-9]{64}$/),
        sha256: expect.stringMatching(/^[a-f0-9]{64}$/),
      },
    })
    const { plan } = (await place.kit.ask('scripts.plan', { scriptId: 'edited' })).body as unknown as { plan: object }
    expect(plan).toMatchObject({ previousText: '#!/bin/bash\nsleep 2\n', text: '#!/bin/bash\necho other\n' })
    expect(await desk.ended(running)).toMatchObject({ state: 'exited', exitCode: 0 })
    expect(await desk.ended(waiting)).toMatchObject({ state: 'refused', code: 'SCRIPT_CHANGED' })
  }, 90_000)

  it('gives up a run that nothing ever began, forbids it to begin late, and lets the next one of its service pass', async () => {
    const run = (await desk.ended(stillborn)) as Run & { startedAt: string; endedAt: string }
    expect(run).toMatchObject({ state: 'interrupted', exitCode: null })
    expect(Date.parse(run.endedAt) - Date.parse(run.startedAt)).toBeLessThan(30_000)
    expect(await desk.lines(stillborn)).toEqual([])
    expect(place.bash('ls "$1"', inFolder(stillborn, '')).split('\n')).toContain('cancelled')
    expect(await desk.ended(next)).toMatchObject({ state: 'exited', exitCode: 0 })
  }, 90_000)

  it('records the beginning of each run before its end, once, with the bytes and limits it was begun with', async () => {
    const rows = await desk.journal()
    const ends = rows.filter(({ action, target }) => action === 'runs.end' && target !== untold)
    expect(ends.length).toBeGreaterThan(12)
    expect(rows.filter(endOf(untold))).toHaveLength(1)
    for (const end of ends) {
      const own = rows.filter(({ action, target }) => target === end.target && /^runs\.(start|begin|end)$/.test(action))
      const [asked, ...more] = own
      expect(asked).toMatchObject({ action: 'runs.start', outcome: 'started', input: { variables: expect.any(Object) } })
      expect(more.filter(({ action }) => action === 'runs.end')).toEqual([end])
      const begin = more.find(({ action }) => action === 'runs.begin')
      if (!begin) expect(end.details?.state).toMatch(/^(cancelled|refused)$/)
      else {
        expect(begin.seq).toBeLessThan(end.seq)
        expect(begin.details).toMatchObject({ scriptSha256: expect.stringMatching(/^[a-f0-9]{64}$/), timeoutSec: expect.any(Number) })
        expect(begin.details?.unit ?? null).toBe(place.kind === 'unit' ? `bytelyst-${end.target}.service` : null)
      }
    }
  }, 90_000)
}
