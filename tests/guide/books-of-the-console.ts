import { home } from '@console/testkit/guide-machine'
import { good, password } from '@console/testkit/people'
import { certificateFor } from '@console/testkit/tls-front'
import { expect } from 'vitest'
import { checkout, follow } from './follow.ts'
import { type Book, firstEmail, minutes, names, type Place, wellAgain } from './place.ts'
import { until } from './until.ts'

export const secrets = '/etc/bytelyst-console/secrets'
/** The keys that sign, the newest first. */
const keys = async (place: Place): Promise<string[]> =>
  [
    ...(await place.machine.must(`cat /var/lib/bytelyst-keys/*platform* /var/lib/bytelyst-keys/*token* 2>/dev/null || true`)).matchAll(
      /"kid": ?"([^"]+)"/g,
    ),
  ].map(([, kid = '']) => kid)

const rotateSecret: Book = {
  name: 'rotate-secret',
  go: async (place) => {
    const { machine, words } = place
    await place.admin()
    const before = await machine.must(`cat ${secrets}/jwt_secret`)
    let both: string[] = []
    await follow(machine, {
      document: 'docs/runbooks/rotate-secret.md',
      words,
      steps: [
        { at: 'openssl rand -base64 32', sees: /^\S{44}$/m },
        {
          at: `cp ${secrets}/jwt_secret ${secrets}/jwt_secret_previous`,
          after: async () => {
            await place.areWell()
            expect(await machine.must(`cat ${secrets}/jwt_secret_previous`)).toBe(before)
            expect(await machine.must(`stat -c '%u %a' ${secrets}/jwt_secret ${secrets}/jwt_secret_previous`)).toBe('1001 400\n1001 400\n')
            both = await keys(place)
            // Nobody is signed out.
            await place.isSignedIn()
          },
        },
        {
          at: 'cp /dev/null',
          after: async () => {
            await place.areWell()
            expect((await keys(place)).length).toBe(both.length - 1)
            await place.isSignedIn()
          },
        },
      ],
    })
  },
}

const certificateExpired: Book = {
  name: 'certificate-expired',
  go: async (place) => {
    const { machine, words, trusted } = place
    const old = certificateFor(names, -minutes)
    machine.write('/etc/bytelyst-console/tls/certificate.pem', old.cert)
    machine.write('/etc/bytelyst-console/tls/key.pem', old.key)
    await machine.must('docker restart gateway')
    await place.areWell()
    // Even who believes whoever made it is let past it by no browser.
    expect(await place.distrust(old.cert)).toBe('CERT_HAS_EXPIRED')
    const endOf = (said: string): number => Date.parse(/notAfter=(.*)/.exec(said)?.[1] ?? '')
    await follow(machine, {
      document: 'docs/runbooks/certificate-expired.md',
      words,
      steps: [
        { at: 'openssl s_client', sees: /issuer=/, after: (said) => expect(endOf(said)).toBeLessThan(Date.now()) },
        { at: 'docker restart gateway', after: () => place.areWell() },
        {
          at: 'openssl x509 -in certificate.pem -noout -enddate',
          cwd: home,
          before: () => {
            machine.write(`${home}/certificate.pem`, trusted.cert)
            machine.write(`${home}/key.pem`, trusted.key)
          },
          sees: names.map((name) => new RegExp(`DNS:${name}`)),
          after: (said) => expect(endOf(said)).toBeGreaterThan(Date.now()),
        },
        { at: 'openssl x509 -in certificate.pem -noout -pubkey', cwd: home, sees: /^(\S{64}) .*\n\1 /m },
        {
          at: 'install -o 1001',
          cwd: home,
          after: async () => {
            await until('the new one is shown', async () => (await place.distrust()) === undefined, minutes)
            await place.isSignedIn()
          },
        },
      ],
    })
  },
}

const lockedOut: Book = {
  name: 'locked-out',
  go: async (place) => {
    const { machine, words, people } = place
    /** Opens the link that was printed, sets a password, and has nobody left of before. */
    const comeIn = async (said: string, next: string, before: string): Promise<void> => {
      await place.areWell()
      const stale = await place.admin()
      const { platform } = people.stranger()
      await until('its names are served again', async () => (await platform.get('/setup')).status === 200, minutes)
      const token = /https:\/\/\S+#(\S+)/.exec(said)?.[1] ?? ''
      good(await platform.post('/auth/password/reset', { token, password: next }), 204)
      expect((await stale.platform.get('/auth/session')).status).toBe(401)
      expect((await platform.post('/auth/login', { email: firstEmail, password: before })).status).toBe(401)
      place.signOut(next)
      await place.isSignedIn()
    }
    const another = 'copper meadow lantern seven'
    const factorIsAsked = async (shown: string): Promise<boolean> =>
      good(await people.stranger().platform.post('/auth/login', { email: firstEmail, password: shown }), 200).body.challenge !== undefined
    await follow(machine, {
      document: 'docs/runbooks/locked-out.md',
      words,
      steps: [
        {
          at: 'docker stop platform-service',
          sees: new RegExp(firstEmail),
          after: async (said) => {
            await comeIn(said, another, password)
            // The password alone was lost.
            expect(await factorIsAsked(another)).toBe(true)
          },
        },
        {
          at: 'docker stop platform-service',
          after: async (said) => {
            await place.areWell()
            await until('its names are served again', async () => (await people.stranger().platform.get('/setup')).status === 200, minutes)
            expect(await factorIsAsked(another)).toBe(false)
            await comeIn(said, password, another)
          },
        },
      ],
    })
    const rows = good(await (await place.admin()).platform.get('/audit?limit=200'), 200).text
    expect(rows).toContain('platform-cli')
  },
}

/** An upgrade that is killed, with all that it had started, once the first part is another one. */
const endedHalfway = `cd ${checkout}
of() { docker inspect --format '{{.Id}}' platform-service; }
was=$(of)
setsid deploy/deploy.sh up --yes --no-backup </dev/null >/tmp/halfway 2>&1 &
for _ in {1..600}; do now=$(of 2>/dev/null) && [[ $now != "$was" ]] && break; sleep 0.2; done
kill -KILL -- -$!
[[ $now != "$was" ]]`

const upgradeWrong: Book = {
  name: 'upgrade-wrong',
  go: async (place) => {
    const { machine, words } = place
    const first = await place.version()
    let [mended, healed] = ['', '']
    await place.publishChange('apps/devops-backend/src/main.ts', 'process.exit(7)')
    await machine.must(`git -C ${checkout} pull --quiet`)
    await follow(machine, {
      document: 'docs/runbooks/upgrade-wrong.md',
      words,
      steps: [
        {
          at: 'deploy/deploy.sh up',
          status: 1,
          sees: [/did not get well:/, /devops-backend: /, /the version before was started again and is well, [0-9]+ s later/],
        },
        {
          at: 'deploy/deploy.sh status',
          after: async (said) => {
            expect(said).toContain(`version: ${first}`)
            expect(said.match(/\(healthy\)/g)?.length).toBe(6)
            await place.isSignedIn()
          },
        },
        { at: 'git log --oneline -5', sees: /change one line/ },
        { at: 'git checkout HEAD~1', sees: /HEAD is now at/ },
        {
          at: 'deploy/deploy.sh up',
          sees: wellAgain,
          after: async () => {
            mended = await place.version()
            await place.isSignedIn()
          },
        },
        { at: 'deploy/deploy.sh status', before: () => machine.must(endedHalfway), sees: /was interrupted/ },
        {
          at: 'deploy/deploy.sh up',
          sees: wellAgain,
          after: async () => {
            healed = await place.version()
            expect(await machine.must(`cd ${checkout} && deploy/deploy.sh status`)).not.toContain('interrupted')
            await place.isSignedIn()
          },
        },
        {
          at: 'deploy/deploy.sh rollback',
          sees: wellAgain,
          after: async (said) => {
            expect(said).toContain(`version ${mended} is well`)
            await place.isSignedIn()
          },
        },
        { at: 'deploy/deploy.sh rollback --dry-run', after: (said) => expect(said).toContain(`would start version ${healed}`) },
        {
          at: 'deploy/deploy.sh rollback',
          after: async (said) => {
            expect(said).toContain(`version ${healed} is well`)
            await place.isSignedIn()
          },
        },
        {
          at: 'docker ps --all --filter name=platform-service --filter name=devops-backend',
          before: async () => {
            await machine.must(`chown 0:0 ${secrets}/jwt_secret && docker restart platform-service`)
            await until(
              'platform-service does not start',
              async () => /Restarting/.test(await machine.must('docker ps --all --filter name=platform-service')),
              minutes,
            )
          },
          sees: /Restarting[^\n]*platform-service/,
        },
        {
          at: 'deploy/deploy.sh logs platform-service',
          sees: /jwt_secret/,
          after: () => machine.must(`chown 1001:1001 ${secrets}/jwt_secret`),
        },
        { at: 'deploy/deploy.sh up --no-backup', sees: wellAgain, after: () => place.isSignedIn() },
      ],
    })
    // What was published is taken back, so that what follows is built from what is right.
    await machine.must(
      `cd ${checkout} && git checkout --quiet -B main HEAD && git -C /srv/console.git update-ref refs/heads/main "$(git rev-parse HEAD)"`,
    )
  },
}

export const books: readonly Book[] = [rotateSecret, certificateExpired, lockedOut, upgradeWrong]
