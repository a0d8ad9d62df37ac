import { chmodSync, chownSync, linkSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describeNeeding } from '@console/testkit/needs'
import { afterEach, describe, expect, it } from 'vitest'
import { recordTree, type Tree } from '../metrics/recorded-trees.fake.ts'
import { readAccounts } from './accounts.ts'
import { readCrontabs } from './crontabs.ts'
import { parseCrontab } from './parse-crontab.ts'

const passwd = 'root:x:0:0:root:/root:/bin/bash\numa:x:1000:1000::/home/uma:/bin/bash\nbroken\n'
const spool = '/var/spool/cron/crontabs'
let tree: ReturnType<typeof recordTree> | undefined
afterEach(() => tree?.remove())

function look(files: Tree, change: (at: (path: string) => string) => void = () => undefined) {
  tree = recordTree({ '/etc/passwd': passwd, ...files })
  const { root } = tree
  change((path) => join(root, path))
  const { jobs, passedOver } = readCrontabs(root, readAccounts(root))
  return { jobs: jobs.map(({ source, account, schedule, command, by }) => [source, account, schedule, command, by]), passedOver }
}

describe('a line of a crontab', () => {
  it('is told with its time, its account and its command; settings and remarks are none', () => {
    const text = `# m h\nMAILTO=root\n"A B" = c\n\n17 *\t* * *\troot    cd / && run\n@daily uma backup --all\n  5 4 * * sun root x\n`
    expect(parseCrontab(text, null)).toEqual({
      jobs: [
        { line: 5, schedule: '17 * * * *', account: 'root', command: 'cd / && run' },
        { line: 6, schedule: '@daily', account: 'uma', command: 'backup --all' },
        { line: 7, schedule: '5 4 * * sun', account: 'root', command: 'x' },
      ],
      strange: [],
    })
  })

  it('ends at the first percent sign: what follows is input', () => {
    const { jobs } = parseCrontab('0 1 * * * date +\\%F; mail uma%my secret%more\n', 'uma')
    expect(jobs).toEqual([{ line: 1, schedule: '0 1 * * *', account: 'uma', command: 'date +%F; mail uma' }])
  })

  it('that is none is told with the reason', () => {
    const whys = (text: string, account: string | null = null) => parseCrontab(text, account).strange.map(({ why }) => why)
    expect(whys('1 2 3\n')).toEqual(['It has too few fields.'])
    expect(whys('@often root x\n')).toEqual(['Its time is not understood.'])
    expect(whys('$(id) * * * * root x\n')).toEqual(['Its time is not understood.'])
    expect(whys('* * * * * -rf x\n')).toEqual(['Its account is no name.'])
    expect(whys('* * * * * %input\n', 'uma')).toEqual(['It has no command.'])
  })
})

describeNeeding('root', 'the crontabs of a machine', () => {
  it('are those of the system, of packages and of accounts, and what run-parts starts', () => {
    const { jobs, passedOver } = look(
      {
        '/etc/crontab': '25 6 * * * root test -x /usr/sbin/anacron || { cd / && run-parts --report /etc/cron.daily; }\n',
        '/etc/cron.d/e2scrub': '10 3 * * * root /sbin/e2scrub\n',
        '/etc/cron.daily/dpkg': '',
        '/etc/cron.daily/not-executable': '',
        '/etc/cron.daily/x.bak': '',
        [`${spool}/uma`]: '*/5 * * * * check\n',
      },
      (at) => {
        chmodSync(at('/etc/cron.daily/dpkg'), 0o755)
        chmodSync(at('/etc/cron.daily/x.bak'), 0o755)
      },
    )
    expect(jobs).toEqual([
      ['/etc/cron.daily/dpkg', 'root', '25 6 * * *', '/etc/cron.daily/dpkg', 'run-parts'],
      ['/etc/cron.d/e2scrub', 'root', '10 3 * * *', '/sbin/e2scrub', 'cron'],
      [`${spool}/uma`, 'uma', '*/5 * * * *', 'check', 'cron'],
    ])
    expect(passedOver).toEqual([])
  })

  it('says that anacron starts what cron leaves to it', () => {
    const { jobs } = look(
      {
        '/usr/sbin/anacron': '',
        '/etc/crontab': '25 6 * * * root test -x /usr/sbin/anacron || run-parts --report /etc/cron.daily\n',
        '/etc/cron.daily/dpkg': '',
      },
      (at) => chmodSync(at('/etc/cron.daily/dpkg'), 0o755),
    )
    expect(jobs).toEqual([['/etc/cron.daily/dpkg', 'root', '25 6 * * *', '/etc/cron.daily/dpkg', 'anacron']])
  })

  it.each<[string, string, (at: (path: string) => string) => void, RegExp]>([
    ['that is a link', `${spool}/uma`, (at) => symlinkSync(at('/etc/shadow'), at(`${spool}/uma`)), /symbolic link/],
    ['of a folder', '/etc/cron.d/job', (at) => symlinkSync(at('/etc'), at('/etc/cron.d/job')), /symbolic link/],
    ['of another account', `${spool}/uma`, (at) => put(at(`${spool}/uma`), 0o600, 4_242), /belongs to another account/],
    [
      'with a second name',
      `${spool}/uma`,
      (at) => {
        put(at(`${spool}/uma`), 0o600, 1_000)
        linkSync(at(`${spool}/uma`), at('/twin'))
      },
      /second name/,
    ],
    ['that others may write', `${spool}/uma`, (at) => put(at(`${spool}/uma`), 0o620, 1_000), /others may write/],
    ['of the system that is not root’s', '/etc/cron.d/job', (at) => put(at('/etc/cron.d/job'), 0o644, 1_000), /does not belong to root/],
    ['of the system that others may write', '/etc/cron.d/job', (at) => put(at('/etc/cron.d/job'), 0o664, 0), /others than root/],
    ['of nobody', `${spool}/gone`, (at) => put(at(`${spool}/gone`), 0o600, 0), /no such account/],
    ['with a dot in its name', '/etc/cron.d/job.bak', (at) => put(at('/etc/cron.d/job.bak'), 0o644, 0), /no file of such a name/],
    ['without an end', '/etc/cron.d/job', (at) => put(at('/etc/cron.d/job'), 0o644, 0, `${line}${'#'.repeat(300_000)}`), /longer than/],
  ])('passes over a file %s, and says so', (_, source, change, why) => {
    const { jobs, passedOver } = look({ '/etc/shadow': line, '/etc/cron.d/.placeholder': '', [`${spool}/root`]: '' }, change)
    expect(jobs).toEqual([])
    expect(passedOver).toEqual([{ source, line: null, why: expect.stringMatching(why) }])
  })

  it('passes over a line of an account that is not there', () => {
    expect(look({ '/etc/crontab': '* * * * * nobody-here x\n' })).toEqual({
      jobs: [],
      passedOver: [{ source: '/etc/crontab', line: 1, why: 'There is no account nobody-here.' }],
    })
  })
})

const line = '* * * * * root secret\n'
function put(path: string, mode: number, uid: number, text = line): void {
  writeFileSync(path, text)
  chmodSync(path, mode)
  chownSync(path, uid, uid)
}
