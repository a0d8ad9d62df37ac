import { randomBytes } from 'node:crypto'
import { dirname } from 'node:path'
import process from 'node:process'
import type { HermesInstance, HermesOps } from '@console/contracts/hermes/schemas'
import { type AgentPlace, openVmPlace } from '@console/testkit/agent-place'
import { until } from '@console/testkit/daemon-harness'
import { reportFigure, rounds } from '@console/testkit/deep'
import { describeNeeding, hermesProgram } from '@console/testkit/needs'
import { besideInVm, inVm, tryInVm } from '@console/testkit/vm'
import { afterAll, beforeAll, expect, it } from 'vitest'

const minute = 60_000
const id = randomBytes(4).toString('hex')
const [tree, file, remote] = [`/opt/hermes-tree-${id}`, `/etc/hermes-${id}.json`, `/opt/hermes-remote-${id}`]
/** Of each account, in each state: four times as many in all. HERMES_PROBES sets another number by hand. */
const probes = Number(process.env.HERMES_PROBES ?? rounds({ test: 25, deep: 2_500 }))
const unit = 'hermes-gateway.service'
/** Of the units of both managers: its own five seconds until a restart only let a test wait. */
const dropIns = ['system', 'user'].map((whose) => `/etc/systemd/${whose}/${unit}.d`)

const accounts = [
  { user: 'root', scope: 'system' },
  { user: 'uma', scope: 'user' },
] as const
type Account = (typeof accounts)[number]
const homeOf = ({ user }: Account): string => inVm('sh', '-c', `echo ~${user}`).trim()
const asOwner = (account: Account, ...command: string[]): string[] => {
  const { user } = account
  const home = homeOf(account)
  const uid = user === 'root' ? '0' : inVm('id', '-u', user).trim()
  const env = [`HOME=${home}`, `HERMES_HOME=${home}/.hermes`, `XDG_RUNTIME_DIR=/run/user/${uid}`, 'PATH=/usr/local/bin:/usr/bin:/bin']
  return ['runuser', '-u', user, '--', 'env', '-i', '-C', home, ...env, ...command]
}
const manager = (account: Account, ...args: string[]) =>
  tryInVm(...asOwner(account, 'systemctl', ...(account.scope === 'user' ? ['--user'] : []), ...args))
const managerBeside = (account: Account, ...args: string[]) =>
  besideInVm(...asOwner(account, 'systemctl', ...(account.scope === 'user' ? ['--user'] : []), ...args))
const stateOf = (account: Account) => manager(account, 'show', unit, '-P', 'ActiveState').output.trim()

describeNeeding('hermesVm', 'two accounts whose gateways run under systemd', () => {
  let place: AgentPlace
  const ops = async (): Promise<HermesOps> => {
    const { status, body, text } = await place.kit.ask('hermes.ops', {}, 'viewer')
    if (status !== 200) throw new Error(text)
    return body as unknown as HermesOps
  }
  /** The agent looks once a minute; a new one looks at once. */
  const lookAnew = async (): Promise<HermesOps> => {
    await place.kill()
    await place.start()
    return ops()
  }
  const opsOf = ({ instances }: HermesOps, { user }: Account) => instances.find((one) => one.user === user) as HermesInstance

  beforeAll(async () => {
    for (const folder of dropIns) inVm('sh', '-c', 'mkdir -p "$0" && printf "[Service]\nRestartSec=200ms\n" >"$0/quick.conf"', folder)
    const settingUp = accounts.map(async (account) => {
      await managerBeside(account, 'stop', unit).catch(() => undefined)
      const whose = account.scope === 'system' ? ['--system', '--run-as-user', 'root'] : []
      await besideInVm(...asOwner(account, hermesProgram, 'gateway', 'install', '--force', '--no-start-now', '--start-on-login', ...whose))
      await managerBeside(account, 'reset-failed', unit).catch(() => undefined)
      const git = `cd && rm -rf backup-${id} && git init -q backup-${id} && cd backup-${id} && git config user.name t && git config user.email t@localhost
        echo 1 >a && git add a && git commit -qm first && git init -q --bare "$0-$USER" 2>/dev/null; git remote add origin "$0-$USER" && git push -qu origin HEAD && git commit -qm second --allow-empty && echo 2 >b`
      inVm('install', '-d', '-o', account.user, `${remote}-${account.user}`)
      inVm(...asOwner(account, `USER=${account.user}`, 'bash', '-c', git, remote))
    })
    const instances = accounts.map((account) => {
      const { user, scope } = account
      const home = homeOf(account)
      return {
        id: user,
        user,
        home: `${home}/.hermes`,
        scope,
        unit,
        backupRepo: `${home}/backup-${id}`,
      }
    })
    inVm('bash', '-c', 'printf %s "$1" >"$0" && chmod 600 "$0"', file, JSON.stringify(instances))
    inVm('bash', '-c', 'mkdir -p "$0/var/log" && printf "one\\nall is well\\n" >"$0/var/log/docker-watchdog.log"', tree)
    tryInVm(
      'bash',
      '-c',
      'ip link add tailscale0 type veth peer name $0 && ip link set $0 up && ip addr add 100.64.7.8/32 dev tailscale0 && ip link set tailscale0 up',
      `ts-${id}`,
    )
    place = await openVmPlace({ HERMES_INSTANCES: file, HOST_ROOT: tree })
    await Promise.all(settingUp)
  }, 5 * minute)
  afterAll(async () => {
    await Promise.all(accounts.map((account) => managerBeside(account, 'disable', '--now', unit).catch(() => undefined)))
    for (const folder of dropIns) tryInVm('rm', '-rf', folder)
    tryInVm(
      'bash',
      '-c',
      'ip link del tailscale0; rm -rf "$0" "$1" "$2-root" "$2-uma" ~root/backup-$3 ~uma/backup-$3',
      tree,
      file,
      remote,
      id,
    )
    await place?.remove()
  }, 2 * minute)

  it(
    `are read ${probes} times each at rest: not a byte, an owner or a time differs afterwards`,
    async () => {
      for (const { user, told, before, after } of await probing(place, { writes: false })) {
        expect(told).toEqual({ n: probes, unknown: {}, secrets: 0 })
        expect(after).toEqual(before)
        reportFigure(`looks at ${user}'s home at rest, without a trace`, told.n)
      }
    },
    40 * minute,
  )

  it(
    `are read ${probes} times each while their gateways have the databases open and other programs write: none waits, and no file comes or changes hands`,
    async () => {
      await Promise.all(accounts.map((account) => managerBeside(account, 'start', unit)))
      await Promise.all(
        accounts.map((account) =>
          until(
            'the gateway has its database open',
            () => tryInVm('test', '-e', `${homeOf(account)}/.hermes/state.db-wal`).status === 0,
            minute,
          ),
        ),
      )
      for (const { user, told, before, after, refused, written } of await probing(place, { writes: true })) {
        expect(told).toEqual({ n: probes, unknown: {}, secrets: 0 })
        expect([refused, written > 0]).toEqual([0, true])
        const owners = (picture: Record<string, string>) => [...new Set(Object.values(picture).map((facts) => facts.split(',')[0]))]
        expect(owners(after)).toEqual(owners(before))
        // What the gateway itself writes by the way lies elsewhere.
        const its = /^(logs|state|cron|kanban|platforms|sessions|cache)\b|\.lock$/
        expect(Object.keys(after).filter((name) => !(name in before) && !its.test(name))).toEqual([])
        reportFigure(`looks at ${user}'s home beside its gateway and a writer, none refused`, told.n)
      }
      expect(accounts.map(stateOf)).toEqual(['active', 'active'])
    },
    40 * minute,
  )

  it(
    'are told with unit, process, disk, backup, watchdog and address',
    async () => {
      const told = await lookAnew()
      expect(told).toMatchObject({
        canChangeUser: true,
        host: { tailscale: '100.64.7.8', watchdog: { state: 'there', lastLine: 'all is well' } },
      })
      for (const account of accounts) {
        const one = opsOf(told, account)
        expect(one).toMatchObject({
          health: 'healthy',
          reason: null,
          unit: {
            status: 'up',
            loaded: true,
            scope: account.scope,
            active: 'active',
            sub: 'running',
            enabled: 'enabled',
            restarts: 0,
            lastExit: 0,
          },
          process: { alive: true },
          gateway: { status: 'up', state: 'running' },
          backup: { status: 'up', changedFiles: 1, ahead: 1, commits: [{ subject: 'second' }, { subject: 'first' }] },
        })
        const { pid, startedAt, memoryBytes, cpuSec } = one.process
        expect(String(pid)).toBe(manager(account, 'show', unit, '-P', 'MainPID').output.trim())
        expect(Math.abs(Date.parse(startedAt ?? '') - Date.parse(one.unit.since ?? ''))).toBeLessThan(10_000)
        expect(memoryBytes).toBeGreaterThan(10_000_000)
        expect(cpuSec).toBeGreaterThanOrEqual(0)
        expect(one.disk?.parts.map(({ name }) => name)).toEqual(expect.arrayContaining(['state.db', 'skills']))
        expect(one.disk?.totalBytes).toBeGreaterThan(300_000)
        expect(told.warnings.filter(({ instance }) => instance === account.user).map(({ id: what }) => what)).toContain(
          `${account.user}:ahead`,
        )
      }
    },
    3 * minute,
  )

  it(
    'that were killed are told as restarted, and those that stopped with the cause and what to do',
    async () => {
      const restarts = (account: Account) => manager(account, 'show', unit, '-P', 'NRestarts').output.trim()
      const before = accounts.map(restarts)
      for (const account of accounts) manager(account, 'kill', '--signal=KILL', '--kill-who=main', unit)
      await until(
        'they are started again',
        () => accounts.every((account, at) => stateOf(account) === 'active' && restarts(account) !== before[at]),
        minute,
      )
      const again = await lookAnew()
      for (const account of accounts) expect(opsOf(again, account).unit.restarts).toBe(1)
      await Promise.all(accounts.map((account) => managerBeside(account, 'stop', unit)))
      const told = await lookAnew()
      for (const account of accounts) {
        const { health, unit: found, process: gone } = opsOf(told, account)
        expect([health, gone.alive, found.active === 'active', typeof found.lastExit]).toEqual(['unhealthy', false, false, 'number'])
        const warning = told.warnings.find((one) => one.id === `${account.user}:unit`)
        expect(warning).toMatchObject({
          severity: 'bad',
          title: `${unit} is ${stateOf(account)}`,
          advice: `Look at: journalctl ${account.scope === 'user' ? '--user ' : ''}-u ${unit}`,
        })
        expect(warning?.cause).toMatch(/^Its last result is [a-z-]+\.$/)
      }
    },
    5 * minute,
  )
})

type Probed = {
  readonly user: string
  readonly told: { readonly n: number; readonly unknown: Record<string, number>; readonly secrets: number }
  readonly before: Record<string, string>
  readonly after: Record<string, string>
  readonly refused: number
  readonly written: number
}

/** Probes both homes at once, each again and again, as host-agent does it, with or without programs of the owners' that write all the while. */
async function probing(place: AgentPlace, { writes }: { readonly writes: boolean }): Promise<Probed[]> {
  const base = dirname(place.scripts)
  const hermes = `${base}/project/apps/host-agent/src/hermes`
  const homes = accounts.map((account) => ({ user: account.user, home: `${homeOf(account)}/.hermes` }))
  const script = `
    import { spawn } from 'node:child_process'
    import { pictureOf } from '${base}/project/packages/testkit/src/made-home.ts'
    import { ownerOf } from '${hermes}/owner.ts'
    import { startProbe } from '${hermes}/start-probe.ts'
    const probing = async ({ user, home }) => {
      const owner = ownerOf(user, 0)
      const before = pictureOf(home)
      const writer = ${writes} ? spawn('runuser', ['-u', user, '--', '/usr/bin/python3', '-c', process.argv[1], home]) : null
      let counted = ''
      writer?.stdout.on('data', (text) => { counted += text })
      const told = { n: 0, unknown: {}, secrets: 0 }
      for (; told.n < ${probes}; told.n += 1) {
        const answer = await startProbe(home, owner, { withinMs: 30000 })
        for (const part of ['sessions', 'cron', 'memory', 'skills', 'gateway']) {
          const reason = typeof answer === 'string' ? answer : answer[part].reason
          if (reason !== null) told.unknown[part + ' ' + reason] = (told.unknown[part + ' ' + reason] ?? 0) + 1
        }
        if (/CANARY|0123456789/.test(JSON.stringify(answer))) told.secrets += 1
      }
      if (writer) { writer.stdin.end(); await new Promise((done) => writer.once('close', done)) }
      const [written = 0, refused = 0] = counted.trim().split(' ').map(Number)
      return { user, told, before, after: pictureOf(home), written, refused }
    }
    process.stdout.write(JSON.stringify(await Promise.all(${JSON.stringify(homes)}.map(probing))))`
  return JSON.parse(
    await besideInVm(`${base}/node`, '--disable-warning=ExperimentalWarning', '--input-type=module', '-e', script, writer),
  ) as Probed[]
}

/** One session that is written to every 20 ms, until nobody holds its input any more; then how often it could, and how often not. */
const writer = `
import sqlite3, sys, threading
ended = threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()
db = sqlite3.connect(sys.argv[1] + '/state.db', timeout=1, isolation_level=None)
written = refused = 0
while not ended.wait(0.02):
    try:
        db.execute('UPDATE sessions SET message_count = message_count + 1 WHERE id = (SELECT min(id) FROM sessions)')
        written += 1
    except sqlite3.OperationalError:
        refused += 1
print(written, refused)
`
