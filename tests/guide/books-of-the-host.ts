import { setTimeout as pause } from 'node:timers/promises'
import { approve, aService, good } from '@console/testkit/people'
import { expect } from 'vitest'
import { checkout, follow } from './follow.ts'
import { type Book, minutes, type Place, wellAgain } from './place.ts'
import { until } from './until.ts'

const volumes = '/var/lib/docker/volumes'
/** How long after something went wrong the console has said so. */
const told = 2.5 * minutes

/** A script that an admin approved and that goes on until it is ended, as a service of the console. */
async function aRunThatWaits(place: Place): Promise<{ readonly id: string; readonly service: string; state(): Promise<string> }> {
  const admin = await place.admin()
  place.machine.write('/opt/bytelyst/waits.sh', '#!/usr/bin/env bash\n# user: uma\necho waiting\nwhile :; do sleep 1; done\n')
  await place.machine.must('chmod 755 /opt/bytelyst/waits.sh')
  await until('the script is seen', async () => (await admin.devops.get('/scripts')).text.includes('"waits"'), told)
  await approve(await place.confirming(), 'waits')
  const service = `waits-${Date.now()}`
  good(await admin.devops.post('/services', aService(service, 'waits')), 201)
  const id = String(good(await admin.devops.post(`/deployments/trigger/${service}`, { reason: 'to see it go on' }), 202).body.id)
  const state = async (): Promise<string> => String((await admin.devops.get(`/deployments/${id}`)).body.state)
  await until('it runs', async () => (await state()) === 'running', told)
  return { id, service, state }
}

const engineAway: Book = {
  name: 'engine-away',
  go: async (place) => {
    const { machine, words } = place
    const { devops } = await place.admin()
    await machine.must('docker run --detach --name beside --restart unless-stopped node:24-bookworm-slim sleep infinity')
    const freshness = async (): Promise<string> => String((await devops.get('/vm/containers')).body.freshness)
    const isKnown = (): Promise<unknown> =>
      until(
        'the list is true again',
        async () => (await freshness()) === 'live' && (await devops.get('/vm/containers/beside')).status === 200,
        told,
      )
    const startedAt = (): Promise<string> => machine.must(`docker inspect --format '{{.State.StartedAt}}' devops-backend gateway beside`)
    /** What the runbook promises while the engine is away and the containers are not. */
    const goesOn = async (): Promise<void> => {
      await until('the engine is said to be away', async () => /^(stale|away)$/.test(await freshness()), told)
      const refused = await devops.post('/vm/containers/beside/restart', { reason: 'to see it refused', waitSec: 0 })
      expect([refused.status, String(refused.body.code)]).toEqual([503, 'DOCKER_ENGINE_AWAY'])
      await place.isSignedIn()
      const run = await aRunThatWaits(place)
      good(await devops.post(`/deployments/${run.id}/cancel`, { reason: 'seen' }), 202)
      await until('it is cancelled', async () => (await run.state()) === 'cancelled', told)
    }
    await isKnown()
    await machine.must('kill -STOP "$(pidof dockerd)"')
    await goesOn().catch(async (error) => {
      await machine.must('kill -CONT "$(pidof dockerd)"')
      throw error
    })
    let before = ''
    await follow(machine, {
      document: 'docs/runbooks/engine-away.md',
      words,
      steps: [
        { at: 'systemctl status docker', sees: /active \(running\)/ },
        { at: 'timeout 10 docker version', status: 124 },
        {
          at: 'systemctl restart docker',
          after: async () => {
            await place.areWell()
            await isKnown()
            await place.isSignedIn()
          },
        },
        { at: 'deploy/deploy.sh status', after: (said) => expect(said.match(/\(healthy\)/g)?.length).toBe(6) },
        {
          at: `echo '{ "live-restore": true }'`,
          sees: /^true$/m,
          after: async () => {
            before = await startedAt()
            await machine.must('systemctl stop docker.socket docker')
            await goesOn()
            await machine.must('systemctl start docker')
            expect(await startedAt()).toBe(before)
            // The socket was made anew, and docker-proxy holds the one of before.
            await pause(10_000)
            expect(await freshness()).not.toBe('live')
          },
        },
        { at: 'ls -ln /var/run/docker.sock', sees: /^s/m },
        {
          at: 'docker restart docker-proxy',
          after: async () => {
            await place.areWell()
            await isKnown()
            await machine.must('rm /etc/docker/daemon.json && systemctl reload docker')
          },
        },
        { at: 'deploy/deploy.sh up', sees: wellAgain },
      ],
    })
    await machine.must('docker rm --force beside')
  },
}

const storeAway: Book = {
  name: 'store-away',
  go: async (place) => {
    const { machine, words } = place
    const { devops } = await place.admin()
    const store = `${volumes}/bytelyst-console_platform-data/_data/platform/store.db`
    // As a file has it that root brought back by hand.
    await machine.must(`docker stop platform-service && chown 0:0 ${store}* && chmod 0600 ${store}* && docker start platform-service`)
    await until('nobody is known any more', async () => String((await devops.get('/services')).body.code) === 'AUTH_UNAVAILABLE', told)
    await follow(machine, {
      document: 'docs/runbooks/store-away.md',
      words,
      steps: [
        { at: 'deploy/deploy.sh status', sees: /platform-service.*(unhealthy|Restarting|starting)/ },
        { at: 'deploy/deploy.sh logs platform-service', sees: /store/ },
        { at: 'ls -ln', sees: /^-rw------- +1 +0 +0 .* store\.db$/m },
        {
          at: 'chown 1001:1001',
          after: async () => {
            await place.areWell()
            await place.isSignedIn()
          },
        },
        {
          at: 'docker stop platform-service',
          sees: /integrity_check: 'ok'/,
          after: async () => {
            await place.areWell()
            await place.isSignedIn()
          },
        },
      ],
    })
  },
}

const deployStuck: Book = {
  name: 'deploy-stuck',
  go: async (place) => {
    const { machine, words } = place
    const { devops } = await place.admin()
    const first = await aRunThatWaits(place)
    const busy = await devops.post(`/deployments/trigger/${first.service}`, { reason: 'a second one' })
    expect([busy.status, String(busy.body.code)]).toEqual([409, 'RUN_BUSY'])
    good(await devops.post(`/deployments/${first.id}/cancel`, { reason: 'it does not end' }), 202)
    await until('it is cancelled', async () => (await first.state()) === 'cancelled', told)
    const second = await aRunThatWaits(place)
    await machine.must('systemctl stop console-host-agent')
    await until('host-agent is said to be away', async () => (await devops.get('/scripts')).text.includes('HOST_AGENT_AWAY'), told)
    const unit = `bytelyst-${second.id}.service`
    await follow(machine, {
      document: 'docs/runbooks/deploy-stuck.md',
      words: { ...words, UNIT: unit },
      steps: [
        { at: 'systemctl status console-host-agent', status: 3, sees: /inactive \(dead\)/ },
        {
          at: 'systemctl restart console-host-agent',
          after: async () => {
            await until('the agent answers again', async () => (await devops.get('/scripts')).status === 200, told)
            expect(await second.state()).toBe('running')
          },
        },
        { at: "systemctl list-units 'bytelyst-*'", sees: new RegExp(unit) },
        { at: 'systemctl status UNIT', sees: /─[0-9]+ sleep 1/ },
        {
          at: 'systemctl stop UNIT',
          after: () => until('the run has ended', async () => /^(failed|interrupted)$/.test(await second.state()), told),
        },
      ],
    })
    const third = await aRunThatWaits(place)
    good(await devops.post(`/deployments/${third.id}/cancel`, { reason: 'all is well' }), 202)
  },
}

const diskFull: Book = {
  name: 'disk-full',
  go: async (place) => {
    const { machine, words } = place
    const { devops } = await place.admin()
    // What the parts keep lies on a disk with little room from here on.
    const move = (to: string): Promise<string> =>
      machine.must(
        `cd ${checkout} && deploy/deploy.sh stop && systemctl stop docker.socket docker && ${to} && systemctl start docker && deploy/deploy.sh up --yes --no-backup`,
      )
    await move(
      `mkdir -p /mnt/volumes && mount -t tmpfs -o size=$(( $(du -sm ${volumes} | cut -f1) + 160 ))m,mode=711 none /mnt/volumes && cp -a ${volumes}/. /mnt/volumes && mount --bind /mnt/volumes ${volumes}`,
    )
    await place.isSignedIn()
    const run = await aRunThatWaits(place)
    let count = 0
    const register = () => {
      count += 1
      return devops.post('/services', aService(`full-${Date.now()}-${count}`))
    }
    good(await register(), 201)
    // Left by a container that is gone.
    await machine.must('docker volume create leftover')
    await machine.run(`cat /dev/zero > ${volumes}/leftover/_data/filling`)
    expect(await machine.must(`df --output=avail ${volumes}`)).toMatch(/^ *0$/m)
    await until('changes are refused', async () => String((await register()).body.code) === 'AUDIT_UNAVAILABLE', told)
    for (const path of ['/services', '/deployments', '/parts', '/audit', '/docker/stats'])
      expect([path, (await devops.get(path)).status]).toEqual([path, 200])
    // What helps is still done.
    good(await devops.post(`/deployments/${run.id}/cancel`, { reason: 'no room' }), 202)
    await until('it is cancelled', async () => (await run.state()) === 'cancelled', told)
    good(await devops.post('/vm/containers/admin-web/restart', { reason: 'no room', waitSec: 0 }), 200)
    await place.areWell()
    await follow(machine, {
      document: 'docs/runbooks/disk-full.md',
      words,
      steps: [
        { at: `df -h ${volumes}`, sees: /% \/var\/lib\/docker\/volumes/ },
        {
          at: 'du -sh /var/lib/docker/volumes/*',
          sees: [/bytelyst-console_platform-data/, /leftover/],
          after: async () => {
            const admin = await place.confirming()
            const { digest } = good(await devops.post('/docker/cleanup/plan', { kinds: ['volumes'], volumes: ['leftover'] }), 200).body
            const headers = { 'x-grant': await admin.grant('cleanup.run', String(digest)) }
            good(await devops.post('/docker/cleanup', { digest, reason: 'no room' }, headers), 202)
            await until('it is gone', async () => !(await machine.must('docker volume ls')).includes('leftover'), told)
          },
        },
      ],
    })
    await until('changes are taken again', async () => (await register()).status === 201, told)
    await move(`umount ${volumes} && rm -rf ${volumes}/* && cp -a /mnt/volumes/. ${volumes} && umount /mnt/volumes && rmdir /mnt/volumes`)
    await place.isSignedIn()
  },
}

/** Last, since it takes host-agent’s log away, of which the others know. */
export const hostAgent: Book = {
  name: 'host-agent',
  go: async (place) => {
    const { machine, words } = place
    const { devops } = await place.admin()
    const answers = (): Promise<unknown> => until('the agent answers', async () => (await devops.get('/scripts')).status === 200, told)
    await follow(machine, {
      document: 'docs/runbooks/host-agent.md',
      words,
      steps: [
        { at: 'deploy/systemd/install.sh --help', sees: /--keep-data/ },
        { at: 'deploy/systemd/install.sh install', sees: /answers at \S+host-agent\.sock/, after: answers },
        { at: 'systemctl restart console-host-agent', after: answers },
        { at: 'systemd-analyze security console-host-agent', sees: /2\.8/ },
        {
          at: 'deploy/systemd/install.sh uninstall',
          after: async () => {
            expect(await machine.must('ls /opt /etc /var/lib /run')).not.toContain('bytelyst-agent')
            await until('the agent is said to be away', async () => (await devops.get('/scripts')).text.includes('HOST_AGENT_AWAY'), told)
          },
        },
      ],
    })
    await machine.must(`cd ${checkout} && deploy/deploy.sh up --agent --yes --no-backup`)
    await answers()
  },
}

export const books: readonly Book[] = [engineAway, storeAway, deployStuck, diskFull]
