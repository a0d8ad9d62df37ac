import { chmodSync, existsSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { createHarness, type Harness, until } from '@console/testkit/daemon-harness'
import { describeNeeding } from '@console/testkit/needs'
import { refusedStart, startProgram } from '@console/testkit/program'
import { type RecordingEngine, startRecordingEngine } from '@console/testkit/recording-engine'
import { type Seal, sealedBefore } from '@console/testkit/sealed'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const entry = (daemon: string): string => `apps/${daemon}/src/main.ts`
const withinMs = 30_000
let kit: Harness
afterEach(() => kit?.remove())

/** Somebody made this before the daemon was started, or left it open. */
const wrong: readonly (readonly [what: string, spoil: (paths: ReturnType<typeof pathsOf>) => void, says: RegExp])[] = [
  ['keys in a folder that others may write', ({ keys }) => chmodSync(keys, 0o777), /keys can be written by others/],
  ['keys in a folder that a group may write', ({ keys }) => chmodSync(keys, 0o775), /keys can be written by others/],
  [
    'keys behind a link',
    ({ keys }) => {
      renameSync(keys, `${keys}-there`)
      symlinkSync(`${keys}-there`, keys)
    },
    /keys must be a folder, not a link/,
  ],
  ['a folder of its own that others may write', ({ own }) => mkdirSync(own) ?? chmodSync(own, 0o777), /can be written by others/],
  ['a key that others may read', ({ own }) => withKey(own, 0o644), /key\.pem can be read or written by others/],
  ['a key that is none', ({ own }) => withKey(own, 0o600), /key\.pem holds no private Ed25519 key/],
  ['a socket in a folder that everybody may write', ({ run }) => mkdirSync(run) ?? chmodSync(run, 0o777), /run can be written by others/],
  ['a socket in a folder that a group may write', ({ run }) => mkdirSync(run) ?? chmodSync(run, 0o770), /run can be written by others/],
  [
    'a socket in a folder behind a link',
    ({ run }) => {
      mkdirSync(`${run}-there`, { mode: 0o750 })
      symlinkSync(`${run}-there`, run)
    },
    /run must be a folder, not a link/,
  ],
  [
    'a link where its socket belongs',
    ({ run, socket }) => {
      mkdirSync(run, { mode: 0o750 })
      symlinkSync('/dev/null', socket)
    },
    /is there and is no socket/,
  ],
  [
    'a file where its socket belongs',
    ({ run, socket }) => {
      mkdirSync(run, { mode: 0o750 })
      writeFileSync(socket, '')
    },
    /is there and is no socket/,
  ],
]

describe('a daemon does not start', () => {
  beforeEach(() => {
    kit = createHarness('docker-proxy')
  })

  it.each(wrong)(
    'with %s, and says what to do',
    async (_what, spoil, says) => {
      spoil(pathsOf(kit, 'docker-proxy'))
      expect(await start('docker-proxy')).toEqual({ status: 1, said: expect.stringMatching(says) })
      expect(await answersOf(kit)).toBeNull()
    },
    60_000,
  )

  it('for a product that is none, which host-agent tells as well', async () => {
    const refusal = { status: 1, said: expect.stringContaining('PRODUCT_ID') }
    expect(await start('docker-proxy', { PRODUCT_ID: '../other' })).toEqual(refusal)
    expect(await start('host-agent', { PRODUCT_ID: '../other' })).toEqual(refusal)
  }, 60_000)

  it('a second time beside itself, and the first goes on', async () => {
    const first = await startProgram(entry('docker-proxy'), envOf('docker-proxy'))
    expect(await start('docker-proxy')).toEqual({ status: 1, said: expect.stringContaining('served by another process already') })
    expect((await kit.ask('verbs.list', {}, 'service')).status).toBe(200)
    await first.stop()
  }, 60_000)
})

describeNeeding('root', 'host-agent in production does not start', () => {
  beforeEach(() => {
    kit = createHarness('host-agent')
  })
  const production = { NODE_ENV: 'production' }

  it('where its own folder, or that of its socket, is open for others', async () => {
    const { own, run } = pathsOf(kit, 'host-agent')
    mkdirSync(own)
    chmodSync(own, 0o770)
    expect(await start('host-agent', production)).toEqual({ status: 1, said: expect.stringContaining(`${own} can be written by others`) })
    chmodSync(own, 0o700)
    mkdirSync(run, { recursive: true })
    chmodSync(run, 0o770)
    expect(await start('host-agent', production)).toEqual({ status: 1, said: expect.stringContaining(`${run} can be written by others`) })
  }, 60_000)

  it('without the keys that sign people’s tokens, and elsewhere waits for them', async () => {
    rmSync(join(kit.keysDir, 'platform-service.jwks'))
    expect(await start('host-agent', production)).toEqual({
      status: 1,
      said: expect.stringMatching(/platform-service\.jwks cannot be read \(ENOENT\)[\s\S]*Start platform-service first/),
    })
    expect(await start('host-agent')).toEqual({ status: 0, said: '' })
  }, 60_000)

  it.each(['platform-service.jwks', 'devops-backend.jwk'])(
    'with %s open for others, or holding no key',
    async (name) => {
      const file = join(kit.keysDir, name)
      chmodSync(file, 0o666)
      expect(await start('host-agent', production)).toEqual({
        status: 1,
        said: expect.stringContaining(`${name} can be written by others`),
      })
      chmodSync(file, 0o644)
      expect(await start('host-agent', production)).toEqual({ status: 0, said: '' })
      writeFileSync(file, '{"kty":"RSA"}')
      expect(await start('host-agent', production)).toEqual({ status: 1, said: expect.stringContaining(`${name} is not believed`) })
    },
    60_000,
  )
})

describeNeeding('sealed', 'docker-proxy in production', () => {
  let engine: RecordingEngine
  beforeEach(async () => {
    kit = createHarness('docker-proxy')
    engine = await startRecordingEngine({ socketPath: join(kit.dataDir, 'engine.sock') })
  })
  afterEach(() => engine?.stop())
  const sealed = (but: Partial<Seal> = {}, env = {}) =>
    refusedStart(
      entry('docker-proxy'),
      { ...kit.env, NODE_ENV: 'production', DOCKER_SOCKET: engine.socketPath, ...env },
      sealedBefore(kit.dataDir, but),
    )

  it('starts as its container runs it, and has nothing to warn of', async () => {
    const env = { ...kit.env, NODE_ENV: 'production', DOCKER_SOCKET: engine.socketPath }
    const program = await startProgram(entry('docker-proxy'), env, sealedBefore(kit.dataDir))
    await until('it follows the engine', async () => (await kit.ask('containers.list', {})).body.freshness === ('live' as never), withinMs)
    expect((await kit.ask('verbs.list', {}, 'service')).body.warnings).toEqual([])
    await program.stop()
  }, 60_000)

  const online = Object.values(networkInterfaces()).some((addresses) => addresses?.some(({ internal }) => !internal))
  const one: readonly (readonly [what: string, but: Partial<Seal>, says: RegExp])[] = [
    ['as root', { account: false }, /^docker-proxy runs as root: it needs only the docker group\.$/],
    ['with a capability', { noCapability: false }, /^docker-proxy holds capabilities \(2000\): drop all of them\.$/],
    ['where it could gain rights', { noNewPrivileges: false }, /^docker-proxy could gain rights: set no-new-privileges\.$/],
    ['on a root folder that can be written', { readOnlyRoot: false }, /^docker-proxy has a root folder on a writable file system[^\n]*$/],
    ['with a network', { noNetwork: false }, /^docker-proxy has a network \([^\n]*$/],
  ]
  it.each(one.filter(([, { noNetwork }]) => noNetwork !== false || online))(
    'does not start %s, and says just that',
    async (_what, but, says) => {
      expect(await sealed(but)).toEqual({ status: 1, said: expect.stringMatching(says) })
      expect(existsSync(kit.socketPath)).toBe(false)
      expect(engine.requests).toEqual([])
    },
    60_000,
  )

  it('does not start on an engine of an untested version, and asks it for nothing else', async () => {
    engine.script((line) => (line.includes('/version') ? { body: { ApiVersion: '1.60', MinAPIVersion: '1.57' } } : undefined))
    expect(await sealed()).toEqual({ status: 1, said: expect.stringContaining('speaks API 1.60; tested are 1.41 to 1.56') })
    expect(engine.requests.map(({ line }) => line)).toEqual(['GET /version HTTP/1.1'])
  }, 60_000)

  it('starts while there is no engine: one that comes later is judged then', async () => {
    expect(await sealed({}, { DOCKER_SOCKET: join(kit.dataDir, 'none.sock') })).toEqual({ status: 0, said: '' })
  }, 60_000)
})

function pathsOf({ dataDir, keysDir, socketPath }: Harness, daemon: string) {
  return { keys: keysDir, own: join(dataDir, daemon), run: join(dataDir, 'run'), socket: socketPath }
}

function withKey(own: string, mode: number): void {
  mkdirSync(own, { mode: 0o700 })
  writeFileSync(join(own, 'key.pem'), 'no key at all', { mode })
}

function envOf(daemon: string): Record<string, string> {
  return daemon === 'host-agent' ? { ...kit.env, SCRIPT_ROOTS: kit.keysDir } : { ...kit.env, DOCKER_SOCKET: join(kit.dataDir, 'none.sock') }
}

const start = (daemon: string, env: Readonly<Record<string, string>> = {}) => refusedStart(entry(daemon), { ...envOf(daemon), ...env })

/** What answers on the daemon's socket: nothing does, after a start that was refused. */
const answersOf = ({ ask }: Harness) => ask('verbs.list', {}, 'service').catch(() => null)
