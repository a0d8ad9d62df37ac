import { home } from '@console/testkit/guide-machine'
import { good } from '@console/testkit/people'
import { expect } from 'vitest'
import { checkout, type Walk } from './follow.ts'
import { type Place, wellAgain } from './place.ts'

const lastHeading = '## Take it away'

/** From nothing to a console that is upgraded, taken back and backed up. */
export function mainPath(place: Place): Walk {
  const { machine, words } = place
  const parts = async (): Promise<string> => good(await (await place.admin()).devops.get('/parts'), 200).text
  const versions: string[] = []
  let digest = ''
  return {
    document: 'docs/DEPLOYMENT.md',
    until: lastHeading,
    words,
    steps: [
      { at: 'docker version', cwd: home, sees: [/API version: +1\.[0-9]+/, /console\.test/] },
      { at: 'git clone', cwd: home, sees: [/^ok +engine/m, /^note +host-agent is not installed/m, /^ok +name api\.console\.test$/m] },
      {
        at: 'deploy/deploy.sh up --domain',
        sees: [wellAgain, /^DevOps Dashboard: https:\/\/devops\.console\.test$/m, /^setup token: +\S+\/setup_token/m],
      },
      { at: 'cat /etc/bytelyst-console/secrets/setup_token', after: (token) => place.signUp(token.trim()) },
      { at: 'docker restart platform-service', after: () => place.areWell() },
      {
        at: 'deploy/deploy.sh up --agent',
        sees: [wellAgain, /answers at \S+host-agent\.sock/, /active \(running\)/],
        // Already by this start, which came first.
        after: () => machine.must('docker exec devops-backend test -w /run/host-agent/host-agent.sock'),
      },
      {
        at: 'install -d -m 0755 /etc/bytelyst-console/tls',
        before: () => {
          machine.write(`${home}/certificate.pem`, place.trusted.cert)
          machine.write(`${home}/key.pem`, place.trusted.key)
          machine.write('/usr/local/share/ca-certificates/console.crt', place.trusted.cert)
          return machine.must('update-ca-certificates')
        },
        sees: [/gateway mode certificate/, wellAgain],
        after: async () => {
          // With host-agent installed and reached, no part is away.
          expect(await parts()).toContain('host-agent')
        },
      },
      {
        at: 'deploy/deploy.sh bundle',
        sees: /made console\.tar\.gz: [0-9]+ bytes/,
        after: (said) => {
          digest = /^SHA-256 ([0-9a-f]{64}):/m.exec(said)?.[1] ?? 'none'
        },
      },
      {
        at: 'sha256sum console.tar.gz',
        cwd: home,
        before: () => machine.must(`mv ${checkout}/console.tar.gz ~`),
        after: (said) => expect(said).toBe(`${digest}  console.tar.gz\n`),
      },
      {
        at: 'tar -xzf console.tar.gz',
        cwd: home,
        sees: [/loading the images of version/, wellAgain],
        after: () => machine.must('rm -rf ~/console ~/console.tar.gz'),
      },
      // As after a change of the settings.
      { at: 'deploy/deploy.sh up', sees: wellAgain },
      { at: 'deploy/deploy.sh check', sees: [/^ok +host-agent$/m, /^ok +port 443 is the gateway's$/m] },
      { at: 'deploy/deploy.sh status', sees: [/^version: [0-9-]+$/m, /\(healthy\)/] },
      { at: 'deploy/deploy.sh logs devops-backend', sees: /devops-backend/ },
      { at: 'deploy/deploy.sh up --dry-run', sees: /would start version/ },
      {
        at: 'git pull',
        before: async () => {
          versions.push(await place.version())
          await place.publishChange('docs/testing.md', 'One line more.')
        },
        sees: /docs\/testing\.md/,
      },
      {
        at: 'deploy/deploy.sh up',
        sees: [/building platform-service/, wellAgain],
        after: async () => {
          versions.push(await place.version())
          expect(new Set(versions).size).toBe(2)
        },
      },
      {
        at: 'deploy/deploy.sh rollback',
        sees: wellAgain,
        after: async () => {
          expect(await place.version()).toBe(versions[0])
          await place.areWell()
          expect(await parts()).toContain('docker-proxy')
        },
      },
      { at: 'deploy/deploy.sh backup', sees: /console-\S+\.backup/ },
      { at: 'deploy/deploy.sh timer', sees: /a backup each night at 03:17/ },
      { at: 'deploy/deploy.sh stop', after: async () => expect(await machine.must('docker ps --quiet')).toBe('') },
      { at: 'deploy/deploy.sh up', sees: wellAgain, after: async () => expect(await parts()).toContain('host-agent') },
      { at: 'deploy/deploy.sh timer --at 02:30', sees: /a backup each night at 02:30/ },
      {
        at: 'deploy/deploy.sh timer off',
        after: async () => expect(await machine.must('systemctl list-timers --all')).not.toContain('bytelyst'),
      },
      { at: 'deploy/deploy.sh backup --yes --by-timer', sees: /console-\S+\.backup/ },
      { at: 'deploy/deploy.sh logs platform-service', sees: /platform-service/ },
      { at: 'deploy/deploy.sh stop', after: () => machine.must(`${checkout}/deploy/deploy.sh up --yes --no-backup`) },
    ],
  }
}

/** The same as far as a console with host-agent and a certificate that is believed. */
export function toACertificate(place: Place): Walk {
  const { steps, ...walk } = mainPath(place)
  const last = steps.findIndex(({ at }) => at.startsWith('install -d -m 0755 /etc/bytelyst-console/tls'))
  return { ...walk, until: '### Behind a Caddy', steps: steps.slice(0, last + 1) }
}

/** The end of the guide: nothing of the console stays but what it says. */
export function takingAway({ machine, words }: Place): Walk {
  const left = (): Promise<string> =>
    machine.must(
      'docker ps --all --quiet; docker volume ls --quiet; docker image ls --quiet "bytelyst-console/*"; docker network ls --quiet --filter name=learning_ai; ls /etc/bytelyst-console',
    )
  return {
    document: 'docs/DEPLOYMENT.md',
    from: lastHeading,
    words,
    steps: [
      {
        at: 'deploy/systemd/install.sh uninstall',
        after: async () => {
          const stays = await left()
          for (const one of ['platform-data', 'secrets', 'backups']) expect(stays).toContain(one)
          expect(await machine.must('ls /opt')).not.toContain('bytelyst-agent')
        },
      },
      {
        at: 'deploy/deploy.sh uninstall --purge',
        sees: /backups stay in/,
        after: async () => expect((await left()).trim().split('\n')).toEqual(['backups']),
      },
    ],
  }
}
