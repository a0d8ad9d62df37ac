import { setTimeout as pause } from 'node:timers/promises'
import { home } from '@console/testkit/guide-machine'
import { aService, good } from '@console/testkit/people'
import { expect } from 'vitest'
import { secrets } from './books-of-the-console.ts'
import { checkout, follow, type Walk } from './follow.ts'
import { type Book, domain, minutes, type Place, wellAgain } from './place.ts'
import { until } from './until.ts'

const kept = '/var/lib/docker/volumes/bytelyst-console'
const document = 'docs/runbooks/restore.md'
/** Where the copy lies that was brought elsewhere. */
const copy = `${home}/console.backup`
const sameHost = '## The same host'

/** Who is known, and which services there are. */
async function known(place: Place): Promise<string> {
  const { platform, devops } = await place.admin()
  const [people, services] = [await platform.get('/users'), await devops.get('/services')]
  return [good(people, 200), good(services, 200)].map(({ text }) => [...text.matchAll(/"id":"[^"]+"/g)].sort().join()).join('\n')
}

/** Makes a backup, and brings it and the keys elsewhere, as the guide says. */
const keepElsewhere = ({ machine }: Place): Promise<string> =>
  machine.must(
    `${checkout}/deploy/deploy.sh backup && cp "$(ls -t /etc/bytelyst-console/backups/*.backup | head -n 1)" ${copy} && cp ${secrets}/platform_encryption_key ${secrets}/devops_encryption_key ~`,
  )

/** What the page Audit says of each log. */
async function statesOf(place: Place): Promise<string> {
  const { devops } = await place.admin()
  const { chains } = good(await devops.get('/audit/verify'), 200).body
  return JSON.stringify(
    (chains as unknown as { log: string; state: string; problem: string | null }[]).map(({ log, state, problem }) => [log, state, problem]),
  )
}
async function noneIsBroken(place: Place): Promise<void> {
  let states = ''
  const look = async (): Promise<boolean> => {
    states = await statesOf(place)
    return states.includes('"restored"') && !/"(broken|away)"/.test(states)
  }
  await until('no log is broken', look, 2 * minutes).catch((error: Error) => {
    throw new Error(`${error.message}: ${states}`)
  })
}

/** The part of the runbook for a host that lives. @param incident what goes wrong once its first step was done */
function onTheSameHost(place: Place, incident?: () => Promise<unknown>): Walk {
  return {
    document,
    from: sameHost,
    until: '## It says no',
    words: { ...place.words, FILE: copy },
    steps: [
      { at: 'deploy/deploy.sh backup', sees: /made console-\S+\.backup/ },
      { at: 'deploy/deploy.sh stop', ...(incident && { before: incident }) },
      { at: 'docker rm $(', sees: /bytelyst-console_platform-data/ },
      { at: 'deploy/deploy.sh restore FILE', sees: /start it with deploy\.sh up/ },
      { at: 'deploy/deploy.sh up', sees: wellAgain },
    ],
  }
}

const restore: Book = {
  name: 'restore',
  go: async (place) => {
    const { machine, words } = place
    await keepElsewhere(place)
    const before = await known(place)
    const isBack = async (): Promise<void> => {
      place.signOut()
      expect(await known(place)).toBe(before)
    }
    const held = (said: string): string[] => said.match(/^[a-z-]+ \S+: [0-9]+ (documents|bytes) [0-9a-f]{64}$/gm) ?? []
    await follow(machine, {
      document,
      until: sameHost,
      words: { ...words, FILE: copy, NAME: domain, MODE: 'certificate' },
      steps: [
        { at: 'ls -l /etc/bytelyst-console/backups', sees: /console-\S+\.backup/ },
        {
          at: 'install -d -m 0711',
          cwd: home,
          // The host is lost, and another one stands in its place: an engine, the sources, a certificate and nothing else.
          before: async () => {
            await machine.must(`cd ${checkout} && deploy/deploy.sh uninstall --purge --yes && deploy/systemd/install.sh uninstall
              rm -rf /etc/bytelyst-console /etc/bytelyst-agent /var/lib/bytelyst-keys /var/lib/bytelyst-agent /run/bytelyst-agent`)
            machine.write('/etc/bytelyst-console/tls/certificate.pem', place.trusted.cert)
            machine.write('/etc/bytelyst-console/tls/key.pem', place.trusted.key)
            await machine.must('cd /etc/bytelyst-console/tls && chown 1001:1001 *.pem && chmod 0400 *.pem')
          },
        },
        {
          at: 'deploy/deploy.sh restore FILE --domain NAME --gateway MODE',
          sees: /start it with deploy\.sh up/,
          after: (said) => expect(held(said).length).toBeGreaterThan(8),
        },
        { at: 'deploy/deploy.sh up --agent', sees: wellAgain, after: () => isBack().then(() => noneIsBroken(place)) },
      ],
    })
    const store = `${kept}_backend-data/_data/devops/store.db`
    // A copy that knows the host-agent of this host, and rows after it that host-agent has witnessed.
    await keepElsewhere(place)
    await isBack()
    await pause(45_000)
    await follow(
      machine,
      onTheSameHost(place, async () => {
        await machine.must(
          `docker stop devops-backend && rm -f ${store}-wal ${store}-shm && dd if=/dev/urandom of=${store} bs=4096 count=8 conv=notrunc && docker start devops-backend`,
        )
        await until('devops-backend does not start', async () => /Restarting/.test(await machine.must('docker ps --all')), minutes)
      }),
    )
    await isBack()
    await noneIsBroken(place)
    await follow(machine, {
      document,
      from: '## Afterwards',
      words,
      steps: [{ at: 'deploy/deploy.sh timer', sees: /a backup each night/ }],
    })
  },
}

const auditBroken: Book = {
  name: 'audit-broken',
  go: async (place) => {
    const { machine, words } = place
    const { devops } = await place.admin()
    const states = () => statesOf(place)
    good(await devops.post('/services', aService(`on-record-${Date.now()}`)), 201)
    await until('all four logs hold', async () => (await states()).match(/"valid"/g)?.length === 4, 2 * minutes)
    await keepElsewhere(place)
    // One letter of one row, by somebody who may write the folder.
    const file = (await machine.must(`ls ${kept}_backend-data/_data/devops/audit/devops-backend-*.log | head -n 1`)).trim()
    const text = await machine.must(`cat ${file}`)
    const at = Buffer.byteLength(text.slice(0, text.indexOf('"services.service.create"')))
    expect(at).toBeGreaterThan(0)
    await machine.must(`printf S | dd of=${file} bs=1 seek=${at + 1} conv=notrunc`)
    await until('the page says which', async () => (await states()).includes('["devops-backend","broken",'), 2 * minutes)
    await follow(machine, {
      document: 'docs/runbooks/audit-broken.md',
      words,
      steps: [
        {
          at: 'node_modules/.bin/node scripts/verify-audit.ts',
          status: 1,
          sees: [/devops-backend: DOES NOT HOLD/, /\[edited\]/, /host-agent: holds/],
        },
      ],
    })
    await follow(machine, onTheSameHost(place))
    place.signOut()
    await place.isSignedIn()
    // host-agent was told of it, and what it witnessed since the backup is no sign of tampering.
    await noneIsBroken(place)
    await follow(machine, {
      document: 'docs/runbooks/audit-broken.md',
      words,
      steps: [
        {
          at: 'node_modules/.bin/node scripts/verify-audit.ts',
          sees: [/devops-backend: holds/, /\[restored\]/, /host-agent: holds/],
        },
      ],
    })
  },
}

/** The second one leaves a new host-agent, and logs that are restored. */
export const books: readonly Book[] = [auditBroken, restore]
