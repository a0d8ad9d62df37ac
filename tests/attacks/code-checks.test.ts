import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type AgentPlace, openLocalPlace } from '@console/testkit/agent-place'
import { attackCase } from '@console/testkit/attack'
import { describeNeeding } from '@console/testkit/needs'
import { afterAll, beforeAll, beforeEach, expect } from 'vitest'
import { openCodeDesk } from './code-desk.ts'

const minute = 60_000
const isRoot = process.getuid?.() === 0
const canary = 'canary-of-somebody-else-4711'

describeNeeding('contained', 'checks of code that attack', () => {
  let place: AgentPlace
  let code: ReturnType<typeof openCodeDesk>
  let base: string
  let roots: string
  let port = 0
  let host: Server
  let hostSocket: Server
  const denied = async (action: string) =>
    (await code.desk.journal()).filter((row) => row.action === action && row.outcome === 'denied').map(({ code }) => code)

  beforeAll(async () => {
    base = mkdtempSync(join(tmpdir(), 'code-checks-'))
    chmodSync(base, 0o755)
    roots = join(base, 'allowed')
    mkdirSync(roots)
    mkdirSync(join(base, 'allowed-evil/project'), { recursive: true })
    mkdirSync(join(base, 'outside'), { mode: 0o700 })
    writeFileSync(join(base, 'outside/secret'), canary, { mode: 0o600 })
    for (const folder of ['allowed-evil/project', 'outside'])
      writeFileSync(join(base, folder, 'package.json'), '{"scripts":{"lint":"true"}}')
    host = createServer((socket) => socket.end('reached')).listen(0, '127.0.0.1')
    hostSocket = createServer((socket) => socket.end('reached')).listen(join(base, 'host.sock'))
    await Promise.all([host, hostSocket].map((one) => one.listening || new Promise((resolve) => one.once('listening', resolve))))
    port = (host.address() as { port: number }).port
    place = await openLocalPlace({
      CODE_ROOTS: roots,
      CODE_ACCOUNT: 'nobody',
      JWT_SECRET: canary,
      DATABASE_URL: canary,
      ENCRYPTION_KEY: canary,
    })
    code = openCodeDesk(place, roots)
    await place.start()
  }, minute)
  beforeEach(() => place.kit.nextPerson())
  afterAll(async () => {
    await place?.remove()
    host?.close()
    hostSocket?.close()
    rmSync(base, { recursive: true, force: true })
  }, minute)

  attackCase(
    'X5',
    'names of scripts that are not one of the four',
    async (it) => {
      const path = code.project('names', {
        lint: 'echo linted',
        prelint: 'echo before',
        install: 'echo installed',
        'lint:fix': 'echo fixed',
      })
      const bad = ['typecheck ', 'TypeCheck', 'lint:fix', 'prelint', 'install', '--version', 'lint\n', '', 'test']
      await it.attack('each is refused', async () => {
        for (const name of bad) expect([name, ...code.codeOf(await code.ask(path, [name]))]).toEqual([name, 400, 'INPUT_INVALID'])
        for (const checks of [[], ['lint', 'lint'], ['lint', '--', 'build']])
          expect(code.codeOf(await code.ask(path, checks))).toEqual([400, 'INPUT_INVALID'])
        expect(code.codeOf(await code.ask(path, ['lint'], { npm: '/tmp/npm' }))).toEqual([400, 'INPUT_INVALID'])
      })
      await it.control('the exact name, with the hooks of its own project', async () => {
        const { run, text } = await code.through(path)
        expect(run).toMatchObject({ state: 'exited', exitCode: 0, checks: [{ name: 'lint', state: 'passed' }] })
        expect(text).toEqual(expect.arrayContaining(['before', 'linted']))
        expect(text).not.toContain('installed')
      })
      await it.row('nothing was begun but the one', async () => {
        const rows = await code.desk.journal()
        const begun = rows.filter(({ action }) => action === 'runs.begin').length
        expect(begun).toBe(1)
        expect(rows.filter(({ action, outcome }) => action === 'code.check' && outcome === 'done')).toHaveLength(1)
      })
    },
    2 * minute,
  )

  attackCase(
    'X11',
    'a project that lies elsewhere',
    async (it) => {
      const real = code.project('real', { lint: 'echo linted' })
      symlinkSync(join(base, 'outside'), join(roots, 'link'))
      symlinkSync(base, join(roots, 'up'))
      const bad = [
        join(base, 'outside'),
        join(roots, 'link'),
        join(roots, 'up/outside'),
        `${roots}/../outside`,
        `${roots}/real/../../outside`,
        `${roots}/real/`,
        `${roots}//real`,
        `${roots}/./real`,
        `${roots}/REAL`,
        `${roots}/real `,
        `/proc/self/root${real}`,
        '/dev/fd/3',
        'real',
        roots,
        '/',
      ]
      await it.attack('each is refused', async () => {
        for (const path of bad) expect([path, ...code.codeOf(await code.ask(path))]).toEqual([path, 403, 'CODE_PROJECT_REFUSED'])
      })
      if (isRoot)
        await it.attack('so is another folder that is mounted there', async () => {
          mkdirSync(join(roots, 'bound'))
          execFileSync('mount', ['--bind', join(base, 'outside'), join(roots, 'bound')])
          try {
            expect(code.codeOf(await code.ask(join(roots, 'bound')))).toEqual([403, 'CODE_PROJECT_REFUSED'])
          } finally {
            execFileSync('umount', [join(roots, 'bound')])
          }
        })
      await it.control('the folder itself', async () => expect((await code.through(real)).text).toContain('linted'))
      await it.row('each refusal is on record', async () =>
        expect(
          (await code.desk.journal()).filter((row) => row.action === 'code.check' && row.code === 'CODE_PROJECT_REFUSED').length,
        ).toBeGreaterThanOrEqual(bad.length),
      )
    },
    2 * minute,
  )

  attackCase(
    'X13',
    'a folder whose name begins as an allowed root does',
    async (it) => {
      const evil = join(base, 'allowed-evil/project')
      await it.attack('is refused', async () => expect(code.codeOf(await code.ask(evil))).toEqual([403, 'CODE_PROJECT_REFUSED']))
      await it.control('the same below the root', async () =>
        expect((await code.through(code.project('good', { lint: 'echo linted' }))).text).toContain('linted'),
      )
      await it.row('the refusal names it', async () =>
        expect((await code.desk.journal()).some((row) => JSON.stringify(row).includes('allowed-evil'))).toBe(true),
      )
    },
    minute,
  )

  attackCase(
    'X7',
    'a project that attacks on purpose',
    async (it) => {
      const targets = [
        ['127.0.0.1', port],
        ['localhost', port],
        ['0.0.0.0', port],
        ['::1', port],
        ['169.254.169.254', 80],
        ['168.63.129.16', 80],
        ['172.17.0.1', 22],
        ['192.0.2.1', 443],
      ]
      const attack = `
const net = require('node:net'); const fs = require('node:fs'); const { execSync } = require('node:child_process')
const tryRead = (path) => { try { return fs.readFileSync(path, 'utf8').slice(0, 80) } catch (error) { return error.code } }
const connect = (options) => new Promise((done) => {
  const socket = net.connect(options); const end = (word) => { socket.destroy(); done(word) }
  socket.once('connect', () => end('CONNECTED')); socket.once('error', (error) => end(error.code)); setTimeout(() => end('silence'), 3000)
})
const main = async () => {
  for (const [host, port] of ${JSON.stringify(targets)}) console.log('net', host, await connect({ host, port }))
  for (const path of ['/var/run/docker.sock', '/run/docker.sock', ${JSON.stringify(join(base, 'host.sock'))}, ${JSON.stringify(place.kit.socketPath)}])
    console.log('socket', path, await connect({ path }))
  for (const path of [${JSON.stringify(join(base, 'outside/secret'))}, '/etc/shadow', '/etc/gshadow', '/proc/1/environ', './linked', ${JSON.stringify(join(place.kit.dataDir, 'host-agent/key.pem'))}])
    console.log('read', path, JSON.stringify(tryRead(path)))
  for (const path of ['/usr/bin/planted', '/etc/planted', '/planted', '/proc/sys/kernel/hostname'])
    try { fs.writeFileSync(path, 'x'); console.log('wrote', path) } catch (error) { console.log('write', path, error.code) }
  fs.writeFileSync('planted-in-project', 'x'); fs.rmSync('source.txt')
  console.log('env', JSON.stringify(process.env)); console.log('ids', process.getuid(), JSON.stringify(process.getgroups()))
  console.log('pids', fs.readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name)).length)
  try { execSync('setsid sleep 987.${process.pid} >/dev/null 2>&1 &') } catch {}
}
main()`
      const path = code.project(
        'hostile',
        { pretypecheck: 'echo hooked-before', typecheck: 'node attack.cjs', posttypecheck: 'echo hooked-after' },
        {
          'attack.cjs': attack,
          'source.txt': 'stays',
          '.npmrc': 'script-shell=./shell.sh\nnode-options=--require ./preload.cjs\nprefix=/tmp/x\nregistry=http://127.0.0.1:9/\n',
          'shell.sh': '#!/bin/sh\necho shelled\nexec /bin/sh "$@"\n',
          'preload.cjs': 'console.log("preloaded")',
        },
      )
      symlinkSync(join(base, 'outside/secret'), join(path, 'linked'))
      if (isRoot) {
        chownSync(path, 65_534, 65_534)
        linkSync(join(base, 'outside/secret'), join(path, 'hard'))
      }
      let hostile = ''
      await it.attack('runs, and reaches nothing', async () => {
        const done = await code.through(path, ['typecheck'])
        const { text } = done
        hostile = done.run.runId
        const all = text.join('\n')
        expect([done.run.state, text.filter((line) => line.startsWith('hooked'))]).toEqual(['exited', ['hooked-before', 'hooked-after']])
        const said = (word: string) => text.filter((line) => line.startsWith(`${word} `))
        expect(said('net')).toHaveLength(targets.length)
        expect(said('socket')).toHaveLength(4)
        expect(all).not.toContain('CONNECTED')
        expect(said('read').filter((line) => !/"(ENOENT|EACCES)"$/.test(line) && !line.includes('/proc/1/environ'))).toEqual([])
        expect(all).not.toContain(canary)
        expect(said('write').concat(said('wrote'))).toEqual(
          ['/usr/bin/planted', '/etc/planted', '/planted', '/proc/sys/kernel/hostname'].map((one) =>
            expect.stringMatching(`^write ${one} (EROFS|EACCES|EPERM)$`),
          ),
        )
        expect(said('ids')).toEqual([expect.stringMatching(isRoot ? /^ids 65534 \[65534\]$/ : /^ids 0 /)])
        expect(Number(said('pids')[0]?.split(' ')[1])).toBeLessThan(12)
      })
      await it.control('the checkout is as it was, and nothing of the run is left', async () => {
        expect([readFileSync(join(path, 'source.txt'), 'utf8'), existsSync(join(path, 'planted-in-project'))]).toEqual(['stays', false])
        expect(place.bash('ls "$1"/*/copy 2>/dev/null | wc -l', place.runs).trim()).toBe('0')
        // Its own number: what another run of this test left is not what this one is about.
        const sleepers = `for d in /proc/[0-9]*; do { tr '\\0' ' ' <"$d/cmdline"; } 2>/dev/null | grep -q "^sleep 98[7].${process.pid} " && echo "$d"; done; true`
        expect(place.bash(sleepers)).toBe('')
      })
      await it.row('beginning and end are on record, with the account', async () => {
        const rows = (await code.desk.journal()).filter(({ target }) => target === hostile)
        expect(rows.map(({ action, outcome }) => `${action} ${outcome}`)).toEqual(
          expect.arrayContaining(['runs.begin done', 'runs.end done']),
        )
        if (isRoot) expect(rows.find(({ action }) => action === 'runs.begin')?.details).toMatchObject({ user: 'nobody' })
      })
    },
    2 * minute,
  )

  attackCase(
    'X8',
    'programs that are planted beside the project',
    async (it) => {
      const fake = '#!/bin/sh\necho planted "$0"\n'
      const bins = Object.fromEntries(['npm', 'setpriv', 'env', 'bash', 'mount'].map((name) => [`node_modules/.bin/${name}`, fake]))
      const path = code.project(
        'inner/planted',
        { build: 'command -v node; id -u; echo built' },
        { ...bins, 'node_modules/.bin/sh': '#!/bin/bash\necho own-sh\nexec /bin/sh "$@"\n' },
      )
      mkdirSync(join(roots, 'inner/node_modules/.bin'), { recursive: true })
      for (const name of ['node', 'npm']) writeFileSync(join(roots, 'inner/node_modules/.bin', name), fake, { mode: 0o755 })
      await it.attack('npm, and what holds it, are those of the machine', async () => {
        const { run, text } = await code.through(path, ['build'])
        expect(run.checks).toEqual([expect.objectContaining({ name: 'build', state: 'passed' })])
        expect(text.filter((line) => line.startsWith('planted'))).toEqual([])
        expect(text).toEqual(expect.arrayContaining(['/node/bin/node', isRoot ? '65534' : '0', 'built']))
      })
      await it.control('a program of the project’s own is found by its own script', async () => {
        const own = code.project('own', { lint: 'my-linter' }, { 'node_modules/.bin/my-linter': '#!/bin/sh\necho own-linter\n' })
        expect((await code.through(own)).text).toContain('own-linter')
      })
      await it.row('both are on record as ended well', async () => {
        const ends = (await code.desk.journal()).filter(({ action }) => action === 'runs.end').slice(-2)
        expect(ends.map(({ outcome }) => outcome)).toEqual(['done', 'done'])
      })
      expect(await denied('runs.end')).toEqual([])
    },
    2 * minute,
  )
})
