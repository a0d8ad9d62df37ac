import { attackCase } from '@console/testkit/attack'
import { until } from '@console/testkit/daemon-harness'
import { describeNeeding } from '@console/testkit/needs'
import { inVm, tryInVm } from '@console/testkit/vm'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openCodeDesk } from '../attacks/code-desk.ts'
import { textOf } from '../source-files.ts'
import { openInstallPlace, statusOf } from './install-place.ts'

const unit = 'console-host-agent.service'
/** So much that a thousand processes fit, and so little that a check is soon over it. */
const memoryMb = 512

type Told = { name: string; timer?: string; endedAt?: string | null }
type Place = Awaited<ReturnType<typeof openInstallPlace>>

const shown = (property: string): string => inVm('systemctl', 'show', `--property=${property}`, '--value', unit).trim()

describeNeeding('vm', 'host-agent, installed on a machine with systemd that has no Node', () => {
  let name: string
  let keys: string
  let main: string
  let kit: Place['kit']
  let desk: Place['desk']
  let bash: Place['bash']
  let place: Place
  const installer: Place['installer'] = (...args) => place.installer(...args)
  const added = (): string[] => place.added()
  /** Where the keys and npm lie is remembered from the first time. */
  const install = () => installer('install', '--npm', place.npm)
  const current = (): string => bash('readlink -f /opt/bytelyst-agent/current').trim()
  /** Which of the changed sources answers. */
  const answering = async (): Promise<unknown> => (await kit.ask('verbs.list', {}, 'service')).body.version
  const setVersion = (version: string): string => bash(`sed -i "s/version: '[^']*',$/version: '$1',/" "$2"`, version, main)

  beforeAll(async () => {
    place = await openInstallPlace()
    ;({ name, keys, kit, desk, bash } = place)
    main = `${place.source}/apps/host-agent/src/main.ts`
    const settings = [`SCRIPT_ROOTS=${place.scripts}`, `CODE_ROOTS=${place.projects}`, `CODE_MEMORY_MB=${memoryMb}`]
    bash('install -d -m 0700 /etc/bytelyst-agent && printf "%s\\n" "$@" > /etc/bytelyst-agent/host-agent.env', ...settings)
  }, 120_000)

  afterAll(() => place?.close(), 120_000)

  it('answers after one command, by the Node that it brought, and is started at boot', async () => {
    for (const program of ['node', 'npm', 'npx']) expect(tryInVm('bash', '-c', `command -v ${program}`).status).not.toBe(0)
    // As deploy.sh asks for beforehand; that they were made is remembered for the way back.
    expect(installer('accounts').status).toBe(0)
    expect(bash('getent group bytelyst bytelyst-run').trim().split('\n')).toHaveLength(2)
    expect(shown('LoadState')).toBe('not-found')
    const told = installer('install', '--keys-dir', keys, '--npm', place.npm)
    expect([told.status, told.output]).toEqual([0, expect.stringContaining('answers at /run/bytelyst-agent/host-agent.sock')])
    expect((await kit.ask('verbs.list', {}, 'nobody')).status).toBe(401)
    expect(await answering()).toBe('1')
    expect([shown('ActiveState'), shown('UnitFileState')]).toEqual(['active', 'enabled'])
    expect(bash('tr "\\0" "\\n" < "/proc/$1/cmdline" | head -1', shown('MainPID')).trim()).toBe(`${current()}/node`)
  }, 120_000)

  it('is installed again while processes of the host come and go all the time', () => {
    bash('systemd-run --quiet --collect --unit=coming-and-going bash -c "while :; do /bin/true & /bin/true & /bin/true; done"')
    try {
      const { status, output } = install()
      expect([status, output]).toEqual([0, expect.stringContaining('answers at')])
    } finally {
      bash('systemctl stop coming-and-going')
    }
  }, 120_000)

  it('lies there with the modes that the design says, and runs with the rights that its unit says', () => {
    const modes =
      bash(`stat -c '%n %a %U:%G' /opt/bytelyst-agent/versions/* /opt/bytelyst-agent/current/node /etc/bytelyst-agent /etc/bytelyst-agent/host-agent.env \\
      /var/lib/bytelyst-agent /var/lib/bytelyst-agent/host-agent /var/lib/bytelyst-agent/host-agent/key.pem ${keys}/host-agent.jwk /run/bytelyst-agent /run/bytelyst-agent/host-agent.sock`)
    expect(
      modes
        .replaceAll(/versions\/[0-9a-f]{16} /g, 'versions/ID ')
        .trim()
        .split('\n'),
    ).toEqual([
      '/opt/bytelyst-agent/versions/ID 755 root:root',
      '/opt/bytelyst-agent/current/node 755 root:root',
      '/etc/bytelyst-agent 700 root:root',
      '/etc/bytelyst-agent/host-agent.env 644 root:root',
      '/var/lib/bytelyst-agent 700 root:bytelyst',
      '/var/lib/bytelyst-agent/host-agent 700 root:bytelyst',
      '/var/lib/bytelyst-agent/host-agent/key.pem 600 root:bytelyst',
      `${keys}/host-agent.jwk 644 root:bytelyst`,
      '/run/bytelyst-agent 750 root:bytelyst',
      '/run/bytelyst-agent/host-agent.sock 660 root:bytelyst',
    ])
    expect(bash('find /opt/bytelyst-agent ! -user root -o ! -type l -perm /022').trim()).toBe('')
    const { NoNewPrivs, CapBnd, CapEff } = statusOf(shown('MainPID'))
    // DAC_OVERRIDE, DAC_READ_SEARCH, KILL, SETGID, SETUID, SYS_PTRACE: bits 1, 2, 5, 6, 7 and 19, as far as this machine has them.
    const rights = (0x800e6n & BigInt(`0x${statusOf('1').CapBnd}`)).toString(16).padStart(16, '0')
    expect({ NoNewPrivs, CapBnd, CapEff }).toEqual({ NoNewPrivs: '1', CapBnd: rights, CapEff: rights })
    expect(
      Number(/Overall exposure level for \S+: ([0-9.]+)/.exec(inVm('systemd-analyze', 'security', '--no-pager', unit))?.[1]),
    ).toBeLessThanOrEqual(3)
  })

  attackCase(
    'O9',
    'another account may write its folder; a script looks for more than its row gives; rights that the unit does not name',
    async (step) => {
      const data = '/var/lib/bytelyst-agent/host-agent'
      const before = (await desk.journal()).length
      /** While others may write it. */
      const opened = async (path: string, mode: string, body: () => Promise<void>): Promise<void> => {
        const usual = bash('stat -c %a "$1"', path).trim()
        bash('chmod "$2" "$1"', path, mode)
        try {
          await body()
        } finally {
          bash('chmod "$2" "$1"', path, usual)
        }
      }
      await step.attack('its folder or its key is for others: it does not start, and says why', async () => {
        for (const [path, mode] of [
          [data, '0770'],
          [`${data}/key.pem`, '0640'],
        ] as const) {
          const since = bash('date +%s').trim()
          await opened(path, mode, async () => {
            inVm('systemctl', 'restart', '--no-block', unit)
            await until(`it refuses ${path}`, () => bash('journalctl -u "$1" --since "@$2" -o cat', unit, since).includes(path), 30_000)
            expect(await answering().catch(() => null)).toBeNull()
          })
          await until('it answers again', () => answering().catch(() => null), 60_000)
        }
      })
      await step.attack('what approvals lie in is for others: none counts', async () => {
        desk.put('o9', 'id -u; id -G; grep -E "^(CapInh|CapPrm|CapEff)" /proc/self/status')
        expect((await desk.approve('o9', { user: 'nobody' })).status).toBe(200)
        await opened(`${data}/scripts.d`, '0777', async () => expect((await desk.trigger('o9')).body.code).toBe('SCRIPT_NOT_APPROVED'))
      })
      await step.attack('a script looks who it is and what it may, under an account and under another', async () => {
        for (const [user, uid] of [
          ['uma', '1000'],
          ['nobody', '65534'],
        ] as const) {
          expect((await desk.approve('o9', { user })).status).toBe(200)
          const runId = await desk.begin('o9')
          expect(await desk.ended(runId)).toMatchObject({ exitCode: 0, user })
          const [own, groups, ...rights] = (await desk.lines(runId)).map(({ text }) => text)
          expect([user, own, groups?.split(' ').includes('0')]).toEqual([user, uid, false])
          expect(rights.map((line) => line.split(':\t'))).toEqual([
            ['CapInh', '0'.repeat(16)],
            ['CapPrm', '0'.repeat(16)],
            ['CapEff', '0'.repeat(16)],
          ])
        }
      })
      await step.control('every property of its unit is as the file says, and its exposure is what systemd makes of that', () => {
        const [, service = ''] = textOf('deploy/systemd/console-host-agent.service').split('[Service]\n')
        const wanted = [
          ...service.matchAll(
            /^(Protect\w+|Private\w+|Restrict(?!AddressFamilies|Namespaces)\w+|NoNewPrivileges|LockPersonality|RemoveIPC)=(\S+)$/gm,
          ),
        ]
        expect(wanted.length).toBeGreaterThan(15)
        for (const [, property = '', value] of wanted) expect([property, shown(property)]).toEqual([property, value])
        const told = inVm('systemd-analyze', 'security', '--no-pager', unit)
        expect(Number(/Overall exposure level for \S+: ([0-9.]+)/.exec(told)?.[1])).toBeLessThanOrEqual(3)
      })
      await step.row('each run under the account of its row, and nothing of the starts that were refused', async () => {
        const since = (await desk.journal()).slice(before)
        expect(since.filter(({ action }) => action === 'runs.begin').map(({ details }) => (details as { user?: string }).user)).toEqual([
          'uma',
          'nobody',
        ])
        expect(since.every(({ action }) => /^(runs|scripts|log)\./.test(action))).toBe(true)
      })
    },
    240_000,
  )

  attackCase(
    'X10',
    'a check of code that eats memory, and one that forks without end, in a unit of its own',
    async (step) => {
      const code = openCodeDesk({ ...place, write: place.write }, place.projects)
      const scripts = {
        // More than all of it, in a process that nothing but the bound ends.
        lint: 'head -c 4000000000 /dev/zero | tail >/dev/null',
        typecheck: 'mkfifo wait; n=0; while [ $n -lt 3000 ]; do (read x <wait) & n=$((n+1)); done; echo all of them',
        build: 'id -u; echo built',
      }
      const path = code.project('greedy', scripts)
      let runId = ''
      await step.attack('each ends at its bound, the next one runs, and the run says which was over its memory', async () => {
        const { run, text } = await code.through(path, ['typecheck', 'lint', 'build'])
        runId = run.runId
        expect(run.checks).toEqual([
          expect.objectContaining({ name: 'typecheck', state: 'failed', bound: null }),
          expect.objectContaining({ name: 'lint', state: 'failed', bound: 'memory' }),
          expect.objectContaining({ name: 'build', state: 'passed', bound: null }),
        ])
        expect(run).toMatchObject({ state: 'exited', user: 'bytelyst-run' })
        expect(text).toContain(`lint reached the ${memoryMb} MiB of memory that checks may take: what was over it was ended.`)
        expect(text).toEqual(expect.arrayContaining([expect.stringMatching(/fork/i), bash('id -u bytelyst-run').trim(), 'built']))
        expect(text).not.toContain('all of them')
        expect(bash('ps -u bytelyst-run -o pid= || true').trim()).toBe('')
      })
      await step.control('checks that take less', async () => {
        const modest = code.project('modest', { lint: 'head -c 100000000 /dev/zero | tail -c 1 | wc -c', typecheck: 'sleep 0.1 & wait' })
        const { run } = await code.through(modest, ['typecheck', 'lint'])
        expect(run.checks.map(({ state, bound }) => [state, bound])).toEqual([
          ['passed', null],
          ['passed', null],
        ])
        const { body } = await kit.ask('code.projects', {}, 'viewer')
        expect(body).toMatchObject({
          limits: 'cgroup',
          memoryBytes: memoryMb * 1_048_576,
          runsAs: 'bytelyst-run',
          ownAccount: true,
          trouble: null,
        })
      })
      await step.row('that the run failed', async () => {
        const rows = (await desk.journal()).filter(({ target }) => target === runId)
        expect(rows.find(({ action }) => action === 'runs.begin')?.details).toMatchObject({
          user: 'bytelyst-run',
          unit: `bytelyst-${runId}.service`,
        })
        expect(rows.at(-1)).toMatchObject({ action: 'runs.end', outcome: 'failed' })
      })
    },
    180_000,
  )

  it('tells what the machine does by itself, and how it went: of root and of another account, by cron and by timers', async () => {
    const wrapper = '/opt/bytelyst-agent/current/app/vm/lib/run-logged.sh'
    const lines = {
      well: `${wrapper} ${name}-well sh -c "exit 0"`,
      fails: `${wrapper} ${name}-fails sh -c "exit 7"`,
      bare: '/usr/local/bin/bare --token Hunter2',
    }
    const asUma = (...command: string[]) => inVm('runuser', '-u', 'uma', '--', 'env', 'XDG_RUNTIME_DIR=/run/user/1000', ...command)
    const timer = (unit: string) => ['systemd-run', '--quiet', `--unit=${name}-${unit}`, '--on-calendar=*-*-* 03:15:00', '/bin/sh', '-c']
    try {
      bash(
        `printf '%s\n' "15 3 * * * root $2" "* * * * * root $3" >"/etc/cron.d/$1"; printf '%s\n' "30 4 * * * $4" | crontab -u uma -`,
        name,
        lines.well,
        lines.bare,
        lines.fails,
      )
      // As cron does it: by the account's shell.
      inVm('/bin/sh', '-c', lines.well)
      expect(tryInVm('runuser', '-u', 'uma', '--', '/bin/sh', '-c', lines.fails).status).toBe(7)
      inVm(...timer('timer'), 'exit 3')
      asUma('systemd-run', '--user', ...timer('own').slice(1), 'exit 0')
      tryInVm('systemctl', 'start', `${name}-timer.service`)
      asUma('systemctl', '--user', 'start', `${name}-own.service`)
      const found = await until(
        'both timers have run',
        async () => {
          kit.nextPerson()
          const told = (await kit.ask('cron.list', {}, 'operator')).body as unknown as { jobs: Told[]; timers: Told[] }
          const mine = [...told.jobs, ...told.timers].filter((one) => JSON.stringify(one).includes(name))
          return mine.length >= 5 && mine.filter(({ endedAt }) => typeof endedAt === 'string').length === 2 && mine
        },
        60_000,
      )
      const byName = (end: string) => found.find((one) => (one.timer ?? one.name).includes(end))
      expect(byName('-well')).toMatchObject({
        account: 'root',
        schedule: '15 3 * * *',
        recorded: true,
        last: { exitCode: 0, running: false },
      })
      expect(byName('-fails')).toMatchObject({ account: 'uma', source: '/var/spool/cron/crontabs/uma', last: { exitCode: 7 } })
      expect(byName('bare')).toMatchObject({
        recorded: false,
        last: null,
        command: { text: '/usr/local/bin/bare --token [masked]', masked: 1 },
      })
      expect(byName('-timer')).toMatchObject({
        manager: 'system',
        account: 'root',
        active: true,
        result: 'exit-code',
        exitCode: 3,
        nextAt: expect.stringContaining('T03:15:00'),
      })
      expect(byName('-own')).toMatchObject({ manager: 'user', account: 'uma', active: true, result: 'success', exitCode: 0 })
      const { units } = (await kit.ask('units.list', {}, 'operator')).body as unknown as { units: { unit: string }[] }
      expect(units.find(({ unit: one }) => one === unit)).toMatchObject({
        active: 'active',
        enabled: 'enabled',
        memoryBytes: expect.any(Number),
      })
      expect(units.find(({ unit: one }) => one === `${name}-timer.service`)).toMatchObject({
        active: 'failed',
        result: 'exit-code',
        exitCode: 3,
      })
    } finally {
      bash(
        'rm -f "/etc/cron.d/$1" ~root/.local/state/bytelyst-runs/"$1"* /home/uma/.local/state/bytelyst-runs/"$1"*; crontab -u uma -r; systemctl stop "$1-timer.timer"; systemctl reset-failed "$1-timer.service"; true',
        name,
      )
      tryInVm('runuser', '-u', 'uma', '--', 'env', 'XDG_RUNTIME_DIR=/run/user/1000', 'systemctl', '--user', 'stop', `${name}-own.timer`)
    }
  }, 180_000)

  it('lets a run go on over its own restart', async () => {
    desk.put('long', 'id -un; until [ -e "/tmp/$SERVICE_ID-go" ]; do sleep 0.1; done; echo end')
    expect((await desk.approve('long', { user: 'uma' })).status).toBe(200)
    const runId = await desk.begin('long', { serviceId: `${name}-restart` })
    await desk.wrote(runId, 1)
    inVm('systemctl', 'restart', unit)
    await until('the agent answers again', () => answering().catch(() => null), 60_000)
    expect(await desk.get(runId)).toMatchObject({ state: 'running', user: 'uma' })
    bash('touch "/tmp/$1-restart-go"', name)
    expect(await desk.ended(runId)).toMatchObject({ state: 'exited', exitCode: 0 })
    expect((await desk.lines(runId)).map(({ text }) => text)).toEqual(['uma', 'end'])
  }, 120_000)

  it('sees the machine as it is, and not as its own sandbox shows it', async () => {
    bash('touch "/tmp/$1-seen"', name)
    const { body } = await kit.ask('vm.health', {}, 'viewer')
    const checks = (body as unknown as { checks: { id: string; status: string }[] }).checks
    expect(checks.filter(({ id }) => ['root', 'units'].includes(id)).map(({ id, status }) => [id, status === 'unknown'])).toEqual([
      ['root', false],
      ['units', false],
    ])
    // Its own mounts are read-only, and its /tmp is another one.
    expect(checks.find(({ id }) => id === 'root')?.status).toBe('ok')
    const planned = await kit.ask('vm.cleanup.plan', {}, 'operator')
    const { kept } = (planned.body as unknown as { plan: { kept: { kind: string; why: string }[] } }).plan
    expect(kept.some(({ kind, why }) => kind === 'temporary' && why === 'recent')).toBe(true)
    bash('rm "/tmp/$1-seen"', name)
  }, 120_000)

  it('tells when its limit of memory was taken away by a file beside its unit', async () => {
    const found = async (): Promise<unknown> => {
      const { body } = await kit.ask('vm.health', {}, 'viewer')
      const { checks } = body as unknown as { checks: { id: string; status: string; measured: string }[] }
      return checks.filter(({ id }) => id === 'agent').map(({ status, measured }) => [status, measured])
    }
    // Whoever asks within five seconds of another is given the same answer.
    const saying = (...wanted: string[]) => expect.poll(found, { timeout: 30_000, interval: 1_000 }).toEqual([wanted])
    await saying('ok', 'as it was installed')
    const folder = `/etc/systemd/system/${unit}.d`
    try {
      bash('mkdir "$1" && printf "[Service]\\nMemoryMax=infinity\\n" > "$1/own.conf" && systemctl daemon-reload', folder)
      await saying('warn', 'taken away: MemoryMax')
    } finally {
      bash('rm -rf "$1" && systemctl daemon-reload', folder)
    }
    await saying('ok', 'as it was installed')
  }, 120_000)

  it('is replaced in place while a run goes on, and keeps what the run needs', async () => {
    const first = current()
    const runId = await desk.begin('long', { serviceId: `${name}-upgrade` })
    await desk.wrote(runId, 1)
    for (const version of ['2', '3']) {
      setVersion(version)
      expect(install()).toMatchObject({ status: 0 })
      expect(await answering()).toBe(version)
    }
    expect(current()).not.toBe(first)
    expect(tryInVm('test', '-e', first).status, 'the version that the run was started by').toBe(0)
    expect((await desk.get(runId)).state).toBe('running')
    expect(installer('uninstall')).toMatchObject({ status: 1, output: expect.stringContaining('runs go on') })
    bash('touch "/tmp/$1-upgrade-go"', name)
    expect(await desk.ended(runId)).toMatchObject({ state: 'exited', exitCode: 0 })
    expect((await desk.lines(runId)).map(({ text }) => text)).toEqual(['uma', 'end'])
    await until(
      'nothing runs from the first version',
      () => tryInVm('bash', '-c', 'readlink /proc/[0-9]*/exe | grep -qF "$1/"', '_', first).status === 1,
      30_000,
    )
    expect(install()).toMatchObject({ status: 0, output: expect.stringContaining('removed version') })
    expect(tryInVm('test', '-e', first).status).toBe(1)
  }, 180_000)

  it('puts the version before back when the new one does not answer', async () => {
    const good = current()
    bash('cp "$1" "$1.good" && echo "process.exit(3)" > "$1"', main)
    const told = install()
    bash('mv "$1.good" "$1"', main)
    expect([told.status, told.output]).toEqual([1, expect.stringContaining('was put back and answers')])
    expect(current()).toBe(good)
    expect(await answering()).toBe('3')
    expect(bash('ls /opt/bytelyst-agent/versions').trim().split('\n').length).toBeLessThanOrEqual(2)
  }, 120_000)

  it('says beforehand what it would do, and does nothing then', () => {
    const there = added()
    expect(there.length).toBeGreaterThan(50)
    const told = installer('install', '--dry-run')
    expect([told.status, told.output]).toEqual([0, expect.stringContaining(`would write: /etc/systemd/system/${unit}`)])
    expect(installer('uninstall', '--dry-run').status).toBe(0)
    expect(added()).toEqual(there)
    expect(shown('ActiveState')).toBe('active')
  }, 60_000)

  it('leaves nothing behind when it is taken away', () => {
    expect(installer('uninstall')).toMatchObject({ status: 0 })
    expect(added()).toEqual([])
    expect(bash('ls "$1"', keys).split('\n')).not.toContain('host-agent.jwk')
    expect(tryInVm('systemctl', 'cat', unit).status).not.toBe(0)
    expect(installer('status').status).toBe(3)
  }, 60_000)
})
