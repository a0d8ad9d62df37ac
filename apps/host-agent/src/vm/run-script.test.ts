import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { processesOf } from '../runs/processes.ts'
import { runVmScript, type VmScripts } from './run-script.ts'

const name = 'vm-health-check.sh'
let base: string
let scripts: VmScripts

/** A script of the test's own, as if it had come with the agent. */
const put = (text: string): void => {
  writeFileSync(join(base, 'vm', name), text)
  const known = { ...scripts.known, [name]: createHash('sha256').update(text).digest('hex') }
  scripts = { ...scripts, known }
}
const order = { name, args: ['--json'], timeoutMs: 20_000, mostBytes: 10_000, statuses: [0] } as const
const run = (over: Partial<Parameters<typeof runVmScript>[1]> = {}) => runVmScript(scripts, { ...order, ...over })

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'vm-scripts-'))
  mkdirSync(join(base, 'vm'))
  mkdirSync(join(base, 'own'), { mode: 0o700 })
  scripts = { folder: join(base, 'vm'), known: {} as VmScripts['known'], dir: join(base, 'own'), inUnit: false }
})
afterEach(() => rmSync(base, { recursive: true, force: true }))

describe('a script of the VM', () => {
  it('runs with exactly its arguments, and nothing of the agent reaches its environment', async () => {
    process.env.VM_TEST_CANARY = 'sekrit'
    put('printf "%s\\n" "$#" "$@" "$PWD"; tr "\\0" "\\n" </proc/$$/environ | sed "s/=vm-.*/=mark/"')
    const { text, sha256 } = await run()
    delete process.env.VM_TEST_CANARY
    const [count, argument, cwd, ...environment] = text.trim().split('\n')
    expect([count, argument, cwd]).toEqual(['1', '--json', '/'])
    expect(environment.sort()).toEqual(['BYTELYST_RUN=mark', 'HOME=/nonexistent', 'LANG=C.UTF-8', 'PATH=/usr/sbin:/usr/bin:/sbin:/bin'])
    expect(sha256).toBe(scripts.known[name])
    expect(readdirSync(scripts.dir)).toEqual([])
  }, 60_000)

  it('is refused when its text is not the known one, when it is gone, and when it is a link to the right text', async () => {
    put(`echo ran >${base}/ran`)
    const path = join(scripts.folder, name)
    writeFileSync(path, `${readFileSync(path, 'utf8')}\n`)
    await expect(run()).rejects.toMatchObject({ code: 'VM_SCRIPT_CHANGED', status: 409 })
    put(`echo ran >${base}/ran`)
    renameSync(path, join(base, 'elsewhere.sh'))
    await expect(run()).rejects.toMatchObject({ code: 'VM_SCRIPT_CHANGED' })
    symlinkSync(join(base, 'elsewhere.sh'), path)
    await expect(run()).rejects.toMatchObject({ code: 'VM_SCRIPT_CHANGED', message: expect.stringContaining('symbolic link') })
    expect(existsSync(join(base, 'ran'))).toBe(false)
  })

  it('runs the bytes that were hashed, whatever is put in their place meanwhile', async () => {
    put(`until [[ -e ${base}/go ]]; do sleep 0.05; done; echo first`)
    const running = run()
    writeFileSync(join(scripts.folder, name), 'echo second')
    writeFileSync(join(base, 'go'), '')
    expect((await running).text).toBe('first\n')
  }, 60_000)

  it('is ended with all that it began when it takes too long', async () => {
    put(`setsid sleep 600 & echo "$BYTELYST_RUN" >${base}/mark; sleep 600`)
    await expect(run({ timeoutMs: 1_500 })).rejects.toMatchObject({ code: 'VM_SCRIPT_FAILED', message: expect.stringContaining('longer') })
    // On a machine so busy that it had not begun, there is nothing to look for.
    const mark = existsSync(join(base, 'mark')) ? readFileSync(join(base, 'mark'), 'utf8').trim() : 'never'
    expect(processesOf(mark, null)).toEqual([])
  }, 60_000)

  it('is ended when it prints without end, and nothing that it leaves behind goes on', async () => {
    put('exec yes')
    await expect(run()).rejects.toMatchObject({ code: 'VM_SCRIPT_FAILED', message: expect.stringContaining('printed more') })
    put(`sleep 601 & echo "$BYTELYST_RUN"`)
    const { text } = await run()
    expect(processesOf(text.trim(), null)).toEqual([])
  }, 60_000)

  it('gives no answer when it ends with a status that means nothing', async () => {
    put('echo fine; exit 3')
    await expect(run()).rejects.toMatchObject({ code: 'VM_SCRIPT_FAILED', message: expect.stringContaining('status 3') })
    expect((await run({ statuses: [0, 3] })).text).toBe('fine\n')
  }, 60_000)
})
