import { execFileSync, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, chownSync, linkSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { rounds } from '@console/testkit/deep'
import { describeNeeding } from '@console/testkit/needs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readScript } from './read-script.ts'

const ownerUid = process.getuid?.() ?? 0
const base = mkdtempSync(join(tmpdir(), 'read-script-'))
const root = join(base, 'root')
const outside = join(base, 'outside')
const read = (path: string) => readScript(path, { root, ownerUid })
/** Why a path is refused; the text itself when it is not. */
const told = (path: string): string => {
  const result = read(path)
  return result.ok ? `read: ${result.bytes}` : result.reason
}
const put = (path: string, text: string | Buffer = 'echo x\n', mode = 0o755): string => {
  writeFileSync(path, text)
  chmodSync(path, mode)
  return path
}

beforeAll(() => {
  chmodSync(base, 0o755)
  for (const folder of [root, outside, `${root}-evil`, join(root, 'sub')]) mkdirSync(folder, { mode: 0o755 })
  put(join(outside, 'evil.sh'), 'echo evil\n')
})
afterAll(() => rmSync(base, { recursive: true, force: true }))

describe('a script file', () => {
  it('is read with its hash when root or the owner alone may write it', () => {
    const path = put(join(root, 'good.sh'), 'echo good\n')
    const sha256 = createHash('sha256').update('echo good\n').digest('hex')
    expect(read(path)).toMatchObject({ ok: true, sha256, bytes: Buffer.from('echo good\n'), ownerUid })
  })

  it('may belong to root, whoever else may own scripts', () => {
    const read = readScript('/etc/passwd', { root: '/etc', ownerUid: 4_000_000 })
    expect(read).toMatchObject({ ok: true, ownerUid: 0 })
  })

  it('may be as large as 1 MiB, and lie below a sticky folder, where nobody else can replace it', () => {
    expect(told(put(join(root, 'large.sh'), Buffer.alloc(1_048_576, '#')))).toMatch(/^read: #/)
    const sticky = join(root, 'sticky')
    mkdirSync(join(sticky, 'own'), { recursive: true, mode: 0o755 })
    chmodSync(sticky, 0o1777)
    expect(told(put(join(sticky, 'own/x.sh')))).toBe('read: echo x\n')
    chmodSync(sticky, 0o777)
    expect(told(join(sticky, 'own/x.sh'))).toBe(`${sticky} can be written by others. Set it to 0755.`)
  })

  it.each([
    ['group', 0o775],
    ['others', 0o757],
  ])('is refused when %s may write it, or any folder above it', (_who, mode) => {
    const path = put(join(root, 'sub/open.sh'))
    expect(told(path)).toBe('read: echo x\n')
    chmodSync(path, mode)
    expect(told(path)).toBe(`${path} can be written by others. Set it to 0755.`)
    chmodSync(path, 0o755)
    for (const folder of [join(root, 'sub'), root, base]) {
      chmodSync(folder, mode)
      expect(told(path)).toBe(`${folder} can be written by others. Set it to 0755.`)
      chmodSync(folder, 0o755)
    }
    expect(told(path)).toBe('read: echo x\n')
  })

  it('is refused as a link, below a link, and by another name of the same place', () => {
    symlinkSync(join(outside, 'evil.sh'), join(root, 'link.sh'))
    symlinkSync(outside, join(root, 'linked'))
    expect(told(join(root, 'link.sh'))).toBe(`${join(root, 'link.sh')} is a symbolic link.`)
    expect(told(join(root, 'linked/evil.sh'))).toBe(`${join(root, 'linked')} is a symbolic link.`)
    put(join(root, 'good.sh'), 'echo good\n')
    for (const path of [
      `${root}/sub/../good.sh`,
      `${root}//good.sh`,
      `/proc/self/root${root}/good.sh`,
      `/proc/self/cwd/../../../..${root}/good.sh`,
    ])
      expect([path, read(path).ok]).toEqual([path, false])
    for (const path of [`${root}/good.sh `, `${root}/GOOD.sh`, `${root}/good.sh\n`])
      expect(read(path)).toMatchObject({ ok: false, missing: true })
  })

  it('is refused outside the root, also in a folder whose name only begins like it', () => {
    expect(told(join(outside, 'evil.sh'))).toBe(`${join(outside, 'evil.sh')} leads out of ${root}.`)
    const sibling = put(join(`${root}-evil`, 'x.sh'))
    expect(told(sibling)).toBe(`${sibling} leads out of ${root}.`)
    expect(read(root).ok).toBe(false)
  })

  it('is judged as what it is under each of its names: a hard link brings its own owner and mode', () => {
    const path = put(join(outside, 'shared.sh'), 'echo shared\n', 0o666)
    const name = join(root, 'hard.sh')
    linkSync(path, name)
    expect(told(name)).toBe(`${name} can be written by others. Set it to 0755.`)
    chmodSync(path, 0o755)
    expect(told(name)).toBe('read: echo shared\n')
  })

  it('is refused when it is no script, and looking never hangs', () => {
    execFileSync('mkfifo', [join(root, 'fifo.sh')])
    mkdirSync(join(root, 'folder.sh'))
    expect(told(join(root, 'fifo.sh'))).toMatch(/is no ordinary file\.$/)
    expect(told(join(root, 'folder.sh'))).toMatch(/is no ordinary file\.$/)
    expect(told(put(join(root, 'a.sh'), ''))).toMatch(/is empty\.$/)
    expect(told(put(join(root, 'b.sh'), Buffer.alloc(1_048_577, '#')))).toMatch(/is over 1 MiB\.$/)
    expect(told(put(join(root, 'c.sh'), 'echo \0'))).toMatch(/holds NUL bytes/)
    expect(told(put(join(root, 'd.sh'), 'echo\r\n'))).toMatch(/has Windows line ends/)
    for (const mode of [0o4755, 0o2755]) expect(told(put(join(root, 'e.sh'), 'echo', mode))).toMatch(/is setuid or setgid\.$/)
    expect(read(join(root, 'nothing.sh'))).toEqual({ ok: false, missing: true, reason: 'The file is gone.' })
  })

  it('is told as gone or not to be opened, also below a folder that is gone, and no descriptor stays', () => {
    const open = () => readdirSync('/proc/self/fd').length
    const before = open()
    for (let round = 0; round < 50; round += 1) {
      read(join(root, 'good.sh'))
      read(join(outside, 'evil.sh'))
    }
    expect(open() - before).toBeLessThan(40)
    expect(read(join(root, 'no-folder/x.sh'))).toEqual({ ok: false, missing: false, reason: `${join(root, 'no-folder')} is gone.` })
    const long = join(root, `${'n'.repeat(300)}.sh`)
    expect(read(long)).toEqual({ ok: false, missing: false, reason: `${long} cannot be opened: ENAMETOOLONG.` })
  })

  it.each([
    ['a file with a link to one outside', 'file'],
    ['its folder with a link to one outside', 'folder'],
  ])(
    'never yields what lies outside while another process swaps %s',
    async (_what, kind) => {
      const folder = join(root, `race-${kind}`)
      mkdirSync(folder, { mode: 0o755 })
      const path = put(join(folder, 'evil.sh'), 'echo good\n')
      const swapped = kind === 'file' ? path : folder
      const text = `
      const fs = require('node:fs')
      const [swapped, target] = process.argv.slice(1)
      fs.symlinkSync(target, swapped + '.link')
      for (;;) {
        fs.renameSync(swapped, swapped + '.away'); fs.renameSync(swapped + '.link', swapped)
        fs.renameSync(swapped, swapped + '.link'); fs.renameSync(swapped + '.away', swapped)
      }`
      const target = kind === 'file' ? join(outside, 'evil.sh') : outside
      const swapper = spawn(process.execPath, ['-e', text, swapped, target], { stdio: 'ignore' })
      const seen = { good: 0, refused: 0, evil: 0 }
      try {
        const least = rounds({ test: 2_000, deep: 500_000 })
        for (let n = 0; n < least || ((seen.good === 0 || seen.refused === 0) && n < 5_000_000); n += 1) {
          const result = read(path)
          seen[!result.ok ? 'refused' : result.bytes.toString() === 'echo good\n' ? 'good' : 'evil'] += 1
        }
      } finally {
        swapper.kill('SIGKILL')
      }
      expect(seen).toEqual({ good: expect.toSatisfy((n: number) => n > 0), refused: expect.toSatisfy((n: number) => n > 0), evil: 0 })
    },
    120_000,
  )
})

describeNeeding('account', 'a script file and other accounts', () => {
  it('is refused when it, or a folder above it, belongs to another account', () => {
    const path = put(join(root, 'owned.sh'))
    chownSync(path, 65_534, 65_534)
    expect(told(path)).toBe(`${path} belongs to account 65534. Its owner must be root or account ${ownerUid}.`)
    expect(readScript(path, { root, ownerUid: 65_534 })).toMatchObject({ ok: true })
    chownSync(path, 0, 0)
    chownSync(root, 65_534, 65_534)
    expect(told(path)).toBe(`${root} belongs to account 65534. Its owner must be root or account ${ownerUid}.`)
    chownSync(root, 0, 0)
    expect(told(path)).toBe('read: echo x\n')
  })

  it('may be anybody’s where its bytes are known already, in whoever’s folder, and in that of its owner', () => {
    const folder = join(root, 'theirs')
    mkdirSync(folder, { mode: 0o755 })
    const path = put(join(folder, 'owned.sh'), 'echo x\n', 0o666)
    for (const one of [path, folder]) chownSync(one, 65_534, 65_534)
    expect(readScript(path, { root, ownerUid: null })).toMatchObject({ ok: true, ownerUid: 65_534 })
    chmodSync(path, 0o755)
    expect(readScript(path, { root, ownerUid: 65_534 })).toMatchObject({ ok: true })
    chownSync(folder, 65_533, 65_533)
    expect(readScript(path, { root, ownerUid: null })).toMatchObject({ ok: true })
    expect(readScript(path, { root, ownerUid: 65_534 })).toMatchObject({ ok: false })
    rmSync(folder, { recursive: true })
  })

  it('is refused as a device', () => {
    const path = join(root, 'device.sh')
    execFileSync('mknod', [path, 'c', '1', '5'])
    chmodSync(path, 0o755)
    expect(told(path)).toMatch(/is no ordinary file\.$|cannot be opened/)
    rmSync(path)
  })
})

describeNeeding('acl', 'a script file and access lists', () => {
  it('is refused when a list lets another account write it, or a folder above it', () => {
    const home = mkdtempSync(join(homedir(), '.read-script-'))
    try {
      const path = put(join(home, 'x.sh'))
      const readHere = () => readScript(path, { root: home, ownerUid })
      expect(readHere().ok).toBe(true)
      for (const listed of [path, home]) {
        execFileSync('setfacl', ['-m', 'u:65534:rwx', listed])
        expect(readHere()).toMatchObject({ ok: false, reason: `${listed} can be written by others. Set it to 0755.` })
        execFileSync('setfacl', ['-b', listed])
        chmodSync(listed, 0o755)
      }
      expect(readHere().ok).toBe(true)
    } finally {
      rmSync(home, { recursive: true, force: true })
    }
  })
})
