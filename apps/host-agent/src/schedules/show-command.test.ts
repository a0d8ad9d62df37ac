import { expect, it } from 'vitest'
import { showCommand, showName } from './show-command.ts'

it.each([
  ['mysqldump -u root -pHunter2 all', 'mysqldump -u root -p[masked] all'],
  ['backup --password Hunter2 --to /b', 'backup --password [masked] --to /b'],
  ['backup --db-password="Hunter 2" x', 'backup --db-password=[masked] x'],
  ["PGPASSWORD='Hunter2' pg_dump", 'PGPASSWORD=[masked] pg_dump'],
  ['AWS_SECRET_ACCESS_KEY=Hunter2 aws s3 sync', 'AWS_SECRET_ACCESS_KEY=[masked] aws s3 sync'],
  ['curl -u uma:Hunter2 https://x.test', 'curl -u uma:[masked] https://x.test'],
  ['curl --user=uma:Hunter2 https://x.test', 'curl --user=uma:[masked] https://x.test'],
  ['curl https://uma:Hunter2@x.test/', 'curl https://uma:[masked]@x.test/'],
  ["curl -H 'Authorization: Bearer Hunter2xyz' x", "curl -H 'Authorization: [masked]' x"],
  ['restic --token Hunter2', 'restic --token [masked]'],
])('covers what %s holds', (command, shown) => {
  expect(showCommand(command).text).toBe(shown)
  expect(showCommand(command).masked).toBe(1)
})

it.each(['tar -p -c /home', 'rsync --partial a b', 'ssh -p 22 uma@x.test true', 'docker run -u 1000:1000x'])('lets %s stand', (command) => {
  expect([showCommand(command).masked > 0, showCommand(command).text.replace(/:\[masked\]/, ':1000x')]).toEqual([
    command.includes('-u 1000:'),
    command,
  ])
})

it('takes out what moves a cursor, keeps one line, cuts what is endless, after secrets are covered', () => {
  expect(showCommand('echo \u001b[31mred\u001b[0m\u001b]8;;javascript:x\u0007\n\tnext').text).toBe('echo red␊ next')
  const long = showCommand(`x ${'a'.repeat(390)} --password Hunter2Hunter2Hunter2`)
  expect([long.text.length, long.cut, long.text.includes('Hun')]).toEqual([400, true, false])
  expect(showCommand('a'.repeat(5_000_000)).text).toHaveLength(400)
  expect(showName('a\u0000b\u202e', 1)).toHaveLength(1)
})

it('stays quick on lines made to hold it up', () => {
  const lines = [
    '-'.repeat(8_192),
    `mysql ${'-p '.repeat(2_700)}`,
    'A_KEY='.repeat(1_365),
    '--token '.repeat(1_024),
    ` -u ${'a'.repeat(8_000)}`,
    '"'.repeat(8_192),
  ]
  const began = performance.now()
  for (const line of lines) showCommand(line)
  expect(performance.now() - began).toBeLessThan(3_000)
})
