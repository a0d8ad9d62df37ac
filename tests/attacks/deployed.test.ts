import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, chownSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { attackCase } from '@console/testkit/attack'
import { until } from '@console/testkit/daemon-harness'
import { type DeployedConsole, type DeployedPart, deployConsole, deployedParts, docker } from '@console/testkit/deployed-console'
import { describeNeeding, dockerSocket } from '@console/testkit/needs'
import { type Person, password } from '@console/testkit/people'
import { afterAll, beforeAll, expect } from 'vitest'
import { secretsFoundIn } from './image-secrets.ts'
import { connecting, fieldIn, type LookInside, lookInside } from './inside-containers.ts'

const minutes = 60_000

describeNeeding('deployed', 'the containers of a deployed console', () => {
  let deployed: DeployedConsole
  let admin: Person
  let look: LookInside
  beforeAll(async () => {
    deployed = await deployConsole()
    look = lookInside(deployed)
    admin = await deployed.people.setUp(deployed.secret('setup_token'))
  }, 15 * minutes)
  afterAll(() => deployed?.remove(), 3 * minutes)

  attackCase(
    'O1',
    'devops-backend looks for an engine',
    async (it) => {
      const group = String(statSync(dockerSocket).gid)
      const engineAt = (part: DeployedPart) =>
        look.mountsOf(part).filter(({ from, point }) => /docker\.sock$|containerd/.test(`${from} ${point}`))
      await it.attack('among its mounts, its groups and every socket of its file system', () => {
        expect(engineAt('devops-backend')).toEqual([])
        expect(fieldIn(look.proc('devops-backend', 'status'), 'Groups').split(' ')).not.toContain(group)
        const sockets = look.inside(
          'devops-backend',
          `const { readdirSync } = require('node:fs')
           const walk = (folder) => { try { return readdirSync(folder || '/', { withFileTypes: true }).flatMap((entry) => { const path = folder + '/' + entry.name
             return entry.isDirectory() && !/^\\/(proc|sys)$/.test(path) ? walk(path) : entry.isSocket() ? [path] : [] }) } catch { return [] } }
           console.log(walk('').join('\\n'))`,
        )
        expect(sockets).toBe('/run/docker-proxy/docker-proxy.sock')
      })
      await it.attack('at the ports that engines listen on, here and at the host', () => {
        const host = docker('network', 'inspect', '--format', '{{(index .IPAM.Config 0).Gateway}}', deployed.network)
        for (const to of ['127.0.0.1', host])
          for (const port of ['2375', '2376'])
            expect([to, port, look.inside('devops-backend', connecting, to, port)]).not.toContain('reached')
      })
      await it.control('docker-proxy has all of that, and devops-backend reaches what it should', () => {
        expect(engineAt('docker-proxy').length).toBeGreaterThan(0)
        expect(fieldIn(look.proc('docker-proxy', 'status'), 'Groups').split(' ')).toContain(group)
        expect(look.inside('devops-backend', connecting, look.addressOf('platform-service'), '4003')).toBe('reached')
      })
      await it.row('none tells of it: no part was asked', () =>
        expect(look.rowsThatTell(/(?<![0-9a-f])237[56](?![0-9a-f])|docker\.sock/)).toEqual([]),
      )
    },
    3 * minutes,
  )

  attackCase(
    'O2',
    'each container tries what an ordinary account without rights cannot',
    async (it) => {
      const places = ['/', '/bin', '/etc', '/home', '/opt', '/root', '/srv', '/srv/apps', '/usr', '/var'].map((folder) => `${folder}/probe`)
      const writing = `for (const path of process.argv.slice(1)) { try { require('node:fs').writeFileSync(path, ''); console.log(path) } catch {} }`
      await it.attack('rights and filters, read from /proc', () => {
        for (const part of deployedParts) {
          const status = look.proc(part, 'status')
          expect([part, fieldIn(status, 'Uid')]).toEqual([part, '1001 1001 1001 1001'])
          for (const name of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'])
            expect([part, name, BigInt(`0x${fieldIn(status, name)}`)]).toEqual([part, name, 0n])
          expect([part, fieldIn(status, 'NoNewPrivs'), fieldIn(status, 'Seccomp')]).toEqual([part, '1', '2'])
          expect([
            part,
            look
              .mountsOf(part)
              .findLast(({ point }) => point === '/')
              ?.options.includes('ro'),
          ]).toEqual([part, true])
        }
      })
      await it.attack('limits of memory and processes, read from its group', () => {
        for (const part of deployedParts) {
          const [memory, tasks] = look.limitsOf(part)
          expect([part, memory > 0 && memory <= 512 * 1_048_576, tasks > 0 && tasks <= 128]).toEqual([part, true, true])
        }
      })
      await it.attack('a file written at ten places', () => {
        for (const part of deployedParts.filter((one) => one !== 'gateway'))
          expect([part, look.inside(part, writing, ...places)]).toEqual([part, ''])
      })
      await it.control('its own folder can be written, and this process has what a container lacks', () => {
        for (const part of ['platform-service', 'devops-backend', 'docker-proxy'] as const)
          expect([part, look.inside(part, writing, '/data/probe')]).toEqual([part, '/data/probe'])
        expect(BigInt(`0x${fieldIn(readFileSync('/proc/self/status', 'utf8'), 'CapEff')}`)).toBeGreaterThan(0n)
      })
      await it.row('none tells of it', () => expect(look.rowsThatTell(/probe/)).toEqual([]))
    },
    3 * minutes,
  )

  attackCase(
    'O3',
    'docker-proxy looks for a network',
    async (it) => {
      const interfaces = (part: DeployedPart) => [...look.proc(part, 'net/dev').matchAll(/^\s*(\w+):/gm)].map(([, name]) => name)
      const targets = [look.addressOf('platform-service'), look.addressOf('gateway'), '1.1.1.1']
      await it.attack('among its interfaces, and by going out', () => {
        expect(interfaces('docker-proxy')).toEqual(['lo'])
        for (const to of targets) expect([to, look.inside('docker-proxy', connecting, to, '4003')]).toEqual([to, 'ENETUNREACH'])
      })
      await it.control('devops-backend has one more, and gets out', () => {
        expect(interfaces('devops-backend')).toEqual(['lo', 'eth0'])
        expect(look.inside('devops-backend', connecting, targets[0] ?? '', '4003')).toBe('reached')
      })
      await it.row('none tells of it', () => expect(look.rowsThatTell(/1\.1\.1\.1|ENETUNREACH/)).toEqual([]))
    },
    2 * minutes,
  )

  attackCase(
    'O4',
    'a socket that leads elsewhere, and one that others may use',
    async (it) => {
      const scratch = mkdtempSync('/var/tmp/deployed-socket-')
      const image = docker('inspect', '--format', '{{.Image}}', deployed.nameOf('docker-proxy'))
      // A copy, as the second docker-proxy publishes a key of its own.
      cpSync(join(deployed.dir, '../keys'), join(scratch, 'keys'), { recursive: true })
      execFileSync('chown', ['-R', '1001:1001', join(scratch, 'keys')])
      /** A second docker-proxy of the same image whose folder of sockets is the test's. */
      const started = async (folder: string): Promise<string> => {
        for (const name of [folder, `${folder}-data`]) {
          mkdirSync(join(scratch, name), { mode: 0o750, recursive: true })
          chmodSync(join(scratch, name), name === folder ? 0o750 : 0o700)
          chownSync(join(scratch, name), 1001, 1001)
        }
        const mounts = [
          `${join(scratch, 'keys')}:/keys`,
          `${join(scratch, folder)}:/run/docker-proxy`,
          `${join(scratch, `${folder}-data`)}:/data`,
          `${dockerSocket}:/var/run/docker.sock:ro`,
        ]
        const own = ['--network', 'none', '--read-only', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges:true']
        own.push('--group-add', String(statSync(dockerSocket).gid), '--tmpfs', '/run/gateway:uid=1001,gid=1001,mode=0750')
        const id = docker('run', '--detach', ...own, ...mounts.flatMap((mount) => ['-v', mount]), image)
        try {
          return await until(
            'it is ready or has ended',
            async () => {
              const { stdout, stderr } = spawnSync('docker', ['logs', id], { encoding: 'utf8' })
              const ended = docker('inspect', '--format', '{{.State.Running}}', id) === 'false'
              return ended || stdout.includes('"msg":"ready"') ? `${ended ? 'ended' : 'ready'} ${stdout}${stderr}` : null
            },
            minutes,
          )
        } finally {
          docker('rm', '--force', id)
        }
      }
      try {
        mkdirSync(join(scratch, 'linked'), { mode: 0o750 })
        symlinkSync('/data/elsewhere.sock', join(scratch, 'linked/docker-proxy.sock'))
        await it.attack('a link stands where the socket belongs', async () => {
          expect(await started('linked')).toMatch(/^ended [\s\S]*is there and is no socket/)
          expect(readdirSync(join(scratch, 'linked-data'))).not.toContain('elsewhere.sock')
        })
        await it.attack('rights of the sockets and their folders', () => {
          for (const [name, socket] of [
            ['proxy-socket', 'docker-proxy.sock'],
            ['gateway-socket', 'docker.sock'],
          ] as const) {
            expect([name, statSync(look.volume(name)).mode & 0o777]).toEqual([name, 0o750])
            expect([name, statSync(join(look.volume(name), socket)).mode & 0o777]).toEqual([name, 0o660])
          }
        })
        await it.control('without the link it starts', async () => expect(await started('plain')).toMatch(/^ready /))
        await it.row('none tells of it', () => expect(look.rowsThatTell(/elsewhere/)).toEqual([]))
      } finally {
        rmSync(scratch, { recursive: true })
      }
    },
    4 * minutes,
  )

  attackCase(
    'O6',
    'secrets looked for around the containers',
    async (it) => {
      const files = ['jwt_secret', 'platform_encryption_key', 'devops_encryption_key', 'csrf_secret', 'setup_token']
      const keyOf = (name: string, folder: string) => readFileSync(join(look.volume(name), folder, 'key.pem'), 'utf8').split('\n')[1] ?? ''
      const secrets = {
        ...Object.fromEntries(files.map((name) => [name, deployed.secret(name)])),
        'key of platform-service': keyOf('platform-data', 'platform'),
        'key of devops-backend': keyOf('backend-data', 'devops'),
        'key of docker-proxy': keyOf('proxy-data', 'docker-proxy'),
        password,
        session: admin.platform.cookie('__Secure-bl_sid'),
      }
      const found = (text: string) => Object.entries(secrets).flatMap(([what, secret]) => (text.includes(secret) ? [what] : []))
      const asOther = (path: string): string => {
        const other = ['--reuid=65534', '--regid=65534', '--clear-groups', 'cat', path]
        return spawnSync('setpriv', other, { encoding: 'utf8' }).stderr
      }
      const images = deployedParts
        .filter((part) => part !== 'gateway')
        .map((part) => docker('inspect', '--format', '{{.Image}}', deployed.nameOf(part)))
      await it.attack('in what the engine tells of containers and images, in logs, in arguments and environments', () => {
        expect(Object.values(secrets).every((secret) => secret.length >= 16)).toBe(true)
        for (const part of deployedParts) {
          const pid = deployed.pidOf(part)
          const logs = spawnSync('docker', ['logs', deployed.nameOf(part)], { encoding: 'utf8', maxBuffer: 64 * 1_048_576 })
          const told = [docker('inspect', deployed.nameOf(part)), docker('top', deployed.nameOf(part)), logs.stdout, logs.stderr]
          for (const file of ['cmdline', 'environ']) told.push(readFileSync(`/proc/${pid}/${file}`, 'latin1'))
          expect([part, ...found(told.join('\n'))]).toEqual([part])
          expect(asOther(`/proc/${pid}/environ`)).toContain('Permission denied')
        }
        for (const image of images) expect(found(docker('history', '--no-trunc', image))).toEqual([])
      })
      await it.attack('in every layer of the images', async () => expect(await secretsFoundIn(images, Object.values(secrets))).toEqual([]))
      await it.attack('in their files, by another account', () => {
        for (const name of files) {
          expect(asOther(join(deployed.dir, 'secrets', name))).toContain('Permission denied')
          expect(statSync(join(deployed.dir, 'secrets', name)).mode & 0o377).toBe(0)
        }
      })
      await it.control('they are where they belong, and the search finds a word that is in a layer', async () => {
        expect(docker('exec', deployed.nameOf('platform-service'), 'cat', '/run/secrets/jwt_secret')).toBe(deployed.secret('jwt_secret'))
        expect(await secretsFoundIn(images.slice(0, 1), ['Makes the keys of devops-backend and docker-proxy'])).toHaveLength(1)
      })
      await it.row('no row holds one', () => {
        expect(look.allRows().length).toBeGreaterThan(0)
        expect(found(look.allRows().join('\n'))).toEqual([])
      })
    },
    5 * minutes,
  )

  attackCase(
    'O11',
    'through the gateway to what is for the inside alone',
    async (it) => {
      const plain = { status: 404, body: '404 page not found\n' }
      const asking = `fetch(process.argv[1]).then(async (answer) => console.log(answer.status, (await answer.text()).slice(0, 200)))`
      await it.attack('platform-service’s internal routes, in several spellings', async () => {
        const paths = [
          '/platform/api/internal/journal',
          '/platform/api/internal',
          '/platform/api/%69nternal/journal',
          '/platform/api/auth/../internal/journal',
          '/platform/api//internal/journal',
        ]
        for (const path of paths) expect([path, await deployed.get('api', path)]).toEqual([path, plain])
      })
      await it.attack('Hermes’ paths, with a session and without', async () => {
        const cookie = admin.devops.cookiesFor('/api/devops/hermes/ops')
        expect(cookie).not.toContain('bl_sid')
        for (const path of ['/api/devops/hermes/ops', '/devops/hermes/ops', '/api/devops/%68ermes/ops'])
          for (const headers of [{}, { cookie }]) expect([path, await deployed.get('api', path, headers)]).toEqual([path, plain])
      })
      await it.control('inside both answer for themselves, and outside the neighbouring routes do', async () => {
        expect(look.inside('devops-backend', asking, 'http://platform-service:4003/platform/api/internal/metrics')).toMatch(/^40[0-9] \{/)
        expect(look.inside('platform-service', asking, 'http://devops-backend:4004/api/devops/hermes/ops')).toMatch(/^401 \{/)
        expect((await admin.devops.get('/parts')).status).toBe(200)
        expect((await admin.platform.get('/auth/session')).status).toBe(200)
      })
      await it.row('neither service has one from outside', () => {
        const outside = execFileSync('docker', ['logs', deployed.nameOf('devops-backend')], { encoding: 'utf8' })
        expect(outside.split('\n').filter((line) => /"hermes\/ops|%68ermes/.test(line))).toEqual([])
        expect(look.rowsThatTell(/%69nternal|%68ermes/)).toEqual([])
      })
    },
    2 * minutes,
  )
})
