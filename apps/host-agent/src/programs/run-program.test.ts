import { execFileSync } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { describe, expect, it, vi } from 'vitest'
import { runProgram } from './run-program.ts'

const order = {
  program: '/bin/bash',
  env: { PATH: '/usr/bin:/bin', LANG: 'C' },
  account: null,
  timeoutMs: 20_000,
  mostBytes: 65_536,
} as const
const bash = (text: string, ...args: string[]) => ({ ...order, args: ['--noprofile', '--norc', '-c', text, '_', ...args] })
const living = (mark: string): number[] =>
  execFileSync('bash', ['-c', 'grep -lz "^$1" /proc/[0-9]*/cmdline 2>/dev/null || true', '_', mark], { encoding: 'utf8' })
    .split('\n')
    .flatMap((path) => /^\/proc\/([0-9]+)\//.exec(path)?.[1] ?? [])
    .map(Number)

describe('a program of the host', () => {
  it('gets the arguments as they are, its environment and nothing else', async () => {
    process.env.PLANTED_SECRET = 'Hunter2'
    const told = await runProgram(bash('printf "%s|" "$@"; env | grep -v ^_= | cut -d= -f1 | sort | tr "\\n" " "', '$(id)', '; true', '-x'))
    delete process.env.PLANTED_SECRET
    expect(told).toEqual({ ok: true, text: '$(id)|; true|-x|LANG PATH PWD SHLVL ' })
  })

  it('is told as failed with the reason: a status, a program that is not there', async () => {
    expect(await runProgram(bash('exit 4'))).toEqual({ ok: false, why: '/bin/bash ended with 4' })
    expect(await runProgram({ ...order, program: '/nonexistent', args: [] })).toEqual({
      ok: false,
      why: '/nonexistent could not be started: ENOENT',
    })
  })

  it('is ended with all that it started when it takes too long', async () => {
    // Another run of this test, with this guard taken away, may have left its own.
    const mark = `7531.${randomInt(100_000, 999_999)}`
    const told = await runProgram({ ...bash(`sleep ${mark} & sleep ${mark}`), timeoutMs: 300 })
    try {
      expect(told).toEqual({ ok: false, why: '/bin/bash took longer than 0.3 s' })
      await vi.waitFor(() => expect(living(mark.replace('.', '[.]'))).toEqual([]), { timeout: 20_000 })
    } finally {
      // Where it is not ended, this test does not leave it behind either.
      for (const pid of living(mark.replace('.', '[.]'))) process.kill(pid, 'SIGKILL')
    }
  }, 60_000)

  it('is ended when it prints too much', async () => {
    expect(await runProgram(bash('yes'))).toEqual({ ok: false, why: '/bin/bash printed more than 64 KiB' })
  })
})
