import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { attackCase } from '@console/testkit/attack'
import {
  type DeployedConsole,
  type DeployedPart,
  deployConsole,
  deployedParts,
  docker,
  placesOfAgent,
  startAgentBeside,
} from '@console/testkit/deployed-console'
import { describeNeeding, dockerSocket } from '@console/testkit/needs'
import { good, type Person, password } from '@console/testkit/people'
import type { Program } from '@console/testkit/program'
import { afterAll, beforeAll, expect } from 'vitest'
import { secretsFoundIn } from './image-secrets.ts'
import { connecting, fieldIn, type LookInside, lookInside, type OwnWord, ownWord, writing } from './inside-containers.ts'
import { secondProxies } from './second-proxy.ts'

const minutes = 60_000

describeNeeding('deployed', 'the containers of a deployed console', () => {
  let deployed: DeployedConsole
  let admin: Person
  let look: LookInside
  let agent: Program
  const mailPassword = 'Hunter2-of-the-mail-server'
  /** What an operator writes into files that are empty otherwise. Nothing answers at that port. */
  const secretsOfOperator = {
    backup_passphrase: 'a passphrase of the operator',
    smtp_url: `smtp://console:${mailPassword}@127.0.0.1:9`,
    jwt_secret_previous: 'c2VjcmV0IG9mIGJlZm9yZSwgd2hpY2ggdmVyaWZpZXM',
    cosmos_key: Buffer.from('a key of an account that nobody has').toString('base64'),
    azure_client_secret: 'a secret of a client that nobody knows',
    oidc_client_secret: 'a secret that no provider has handed out',
    checkpoint_webhook_url: 'https://127.0.0.1:9/checkpoints-of-the-operator',
  }
  beforeAll(async () => {
    deployed = await deployConsole({
      secrets: secretsOfOperator,
      settings: {
        STORE: 'sqlite',
        AZURE_TENANT_ID: 'tenant-of-nobody',
        AZURE_CLIENT_ID: 'client-of-nobody',
        OIDC_ISSUER: 'https://127.0.0.1:9',
        OIDC_CLIENT_ID: 'console-of-nobody',
      },
    })
    look = lookInside(deployed)
    admin = await deployed.people.setUp(deployed.secret('setup_token'))
    const [data, scripts] = ['agent-data', 'scripts'].map((name) => join(deployed.dir, '..', name)) as [string, string]
    for (const folder of [data, scripts]) mkdirSync(folder, { mode: 0o700 })
    agent = await startAgentBeside(deployed, { DATA_DIR: data, SCRIPT_ROOTS: scripts })
  }, 15 * minutes)
  afterAll(async () => {
    await agent?.stop()
    await deployed?.remove()
  }, 3 * minutes)

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
        expect(sockets.split('\n').sort()).toEqual(['/run/docker-proxy/docker-proxy.sock', '/run/host-agent/host-agent.sock'])
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
      const forAMoment = ['keys', 'backups'] as const
      const rightsIn = (status: string) => {
        const rights = ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'].map((name) => BigInt(`0x${fieldIn(status, name)}`))
        return [fieldIn(status, 'Uid'), ...rights, fieldIn(status, 'NoNewPrivs'), fieldIn(status, 'Seccomp')]
      }
      const none = ['1001 1001 1001 1001', 0n, 0n, 0n, 0n, 0n, '1', '2']
      /** What no account can, not even that of the engine: it goes by the mounts of the part. */
      const writtenByRoot = (part: DeployedPart, path: string): string => {
        try {
          writeFileSync(`/proc/${deployed.pidOf(part)}/root${path}`, '')
          return 'written'
        } catch (error) {
          return (error as NodeJS.ErrnoException).code ?? ''
        }
      }
      await it.attack('rights and filters, read from /proc', () => {
        for (const part of deployedParts) {
          expect([part, ...rightsIn(look.proc(part, 'status'))]).toEqual([part, ...none])
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
      await it.attack('the same of those that run for a moment, by their own word', () => {
        for (const service of forAMoment) {
          const { status, memory, tasks, net } = JSON.parse(look.once(service, ownWord)) as OwnWord
          expect([service, ...rightsIn(status)]).toEqual([service, ...none])
          expect([memory <= 256 * 1_048_576, Number(tasks) <= 32, [...net.matchAll(/^\s*(\w+):/gm)].length]).toEqual([true, true, 1])
        }
      })
      await it.attack('a file written at ten places, and by root of the host in their place', () => {
        for (const part of deployedParts) {
          if (part !== 'gateway') expect([part, look.inside(part, writing, ...places)]).toEqual([part, ''])
          for (const place of places)
            expect([part, place, writtenByRoot(part, place)]).toEqual([part, place, expect.stringMatching(/^E(ROFS|NOENT)$/)])
        }
        for (const service of forAMoment) expect([service, look.once(service, writing, ...places)]).toEqual([service, ''])
      })
      await it.control('its own folder can be written, and this process has what a container lacks', () => {
        for (const part of ['platform-service', 'devops-backend', 'docker-proxy'] as const)
          expect([part, look.inside(part, writing, '/data/probe')]).toEqual([part, '/data/probe'])
        expect(look.once('backups', writing, '/backups/probe')).toBe('/backups/probe')
        expect(writtenByRoot('platform-service', '/data/probe')).toBe('written')
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
      const started = secondProxies(deployed, scratch)
      const sockets = [
        [look.volume('proxy-socket'), 'docker-proxy.sock'],
        [look.volume('gateway-socket'), 'docker.sock'],
        [placesOfAgent(deployed).sockets, 'host-agent.sock'],
      ] as const
      const image = docker('inspect', '--format', '{{.Image}}', deployed.nameOf('devops-backend'))
      /** From a container of another account that is given all three folders. */
      const reachedAs = (...more: string[]): string[] =>
        sockets.map(([folder, socket]) => {
          const own = ['--rm', '--network', 'none', '--user', '65534:65534', ...more, '--volume', `${folder}:/there:ro`]
          return docker('run', ...own, image, 'node', '-e', connecting, `/there/${socket}`)
        })
      try {
        mkdirSync(join(scratch, 'linked'), { mode: 0o750 })
        symlinkSync('/data/elsewhere.sock', join(scratch, 'linked/docker-proxy.sock'))
        await it.attack('a link stands where the socket belongs', async () => {
          expect(await started('linked')).toMatch(/^ended [\s\S]*is there and is no socket/)
          expect(readdirSync(join(scratch, 'linked-data'))).not.toContain('elsewhere.sock')
        })
        await it.attack('rights of the sockets and their folders', () => {
          for (const [folder, socket] of sockets) {
            const [around, itself] = [statSync(folder), statSync(join(folder, socket))]
            expect([socket, around.mode & 0o777, itself.mode & 0o777, around.gid]).toEqual([socket, 0o750, 0o660, itself.gid])
            // By this group alone devops-backend, or the gateway, comes to it.
            const { gid } = itself
            const groups = (part: DeployedPart) =>
              fieldIn(look.proc(part, 'status'), 'Groups')
                .split(' ')
                .concat(fieldIn(look.proc(part, 'status'), 'Gid').split(' '))
            expect([socket, groups(socket === 'docker.sock' ? 'gateway' : 'devops-backend')]).toEqual([
              socket,
              expect.arrayContaining([String(gid)]),
            ])
          }
        })
        await it.attack('another account that has the folders connects', () => expect(reachedAs()).toEqual(['EACCES', 'EACCES', 'EACCES']))
        await it.control('without the link it starts, and whoever is in the group connects', async () => {
          expect(await started('plain')).toMatch(/^ready /)
          const groups = new Set(sockets.map(([folder]) => String(statSync(folder).gid)))
          expect(reachedAs(...[...groups].flatMap((group) => ['--group-add', group]))).toEqual(['reached', 'reached', 'reached'])
        })
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
      const files = readdirSync(join(deployed.dir, 'secrets'))
      const keys = {
        'key of platform-service': join(look.volume('platform-data'), 'platform/key.pem'),
        'key of devops-backend': join(look.volume('backend-data'), 'devops/key.pem'),
        'key of docker-proxy': join(look.volume('proxy-data'), 'docker-proxy/key.pem'),
      }
      const secrets = {
        ...Object.fromEntries(files.map((name) => [name, deployed.secret(name)])),
        ...Object.fromEntries(Object.entries(keys).map(([what, path]) => [what, readFileSync(path, 'utf8').split('\n')[1] ?? ''])),
        'password of the mail server': mailPassword,
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
      await it.attack('in what the console shows of itself, and writes when a mail cannot be sent', async () => {
        for (const path of ['/privileges', '/settings', '/apm', '/parts'])
          expect([path, ...found(good(await admin.devops.get(path), 200).text)]).toEqual([path])
        const memberships = [{ productId: 'bytelyst-devops', role: 'viewer' }]
        const invited = good(await admin.platform.post('/invites', { email: 'second@example.net', memberships }), 201)
        expect([invited.body.mail, ...found(invited.text)]).toEqual(['failed'])
        for (const path of ['/mail', '/settings']) expect([path, ...found((await admin.platform.get(path)).text)]).toEqual([path])
      })
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
        expect(files.length).toBe(12)
        for (const path of [...files.map((name) => join(deployed.dir, 'secrets', name)), ...Object.values(keys)]) {
          expect(asOther(path)).toContain('Permission denied')
          expect([path, statSync(path).uid, statSync(path).mode & 0o177]).toEqual([path, 1001, 0])
        }
        expect(
          found(readFileSync(join(deployed.dir, '.env'), 'utf8') + readFileSync(join(deployed.dir, 'state/current.yaml'), 'utf8')),
        ).toEqual([])
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
