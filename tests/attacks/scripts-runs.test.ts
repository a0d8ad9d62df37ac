import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { attackCase } from '@console/testkit/attack'
import { afterAll, beforeAll, beforeEach, expect } from 'vitest'
import { type Answer, type Attacker, openAttacker, runIdOf } from './scripts-attacker.ts'

let it: Attacker
let tag: string
const ends = async (answer: Answer) => it.desk.ended(runIdOf(answer))
const texts = async (runId: string) => (await it.desk.lines(runId)).map(({ text }) => text)
const refusals = async (answers: readonly Answer[], code: string) => {
  for (const { requestId } of answers)
    expect((await it.rows(requestId)).at(-1)).toMatchObject({
      action: 'runs.start',
      code,
      outcome: expect.stringMatching(/^(denied|failed)$/),
    })
}
/** Arguments of every process that this account may see. */
const allArguments = (): string[] =>
  readdirSync('/proc')
    .filter((name) => /^[0-9]+$/.test(name))
    .flatMap((pid) => {
      try {
        return [readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')]
      } catch {
        return []
      }
    })

beforeAll(async () => {
  it = await openAttacker()
  tag = it.kit.dataDir.slice(-6)
  await it.approved('prints', '# variables: V\nprintf "%s" "$V" | base64 -w 0')
}, 60_000)
beforeEach(() => it.kit.nextPerson())
afterAll(() => it?.place.remove(), 60_000)

attackCase('H1', 'one byte of the file is changed after it was approved', async (step) => {
  const path = await it.approved('h1', 'echo ok')
  const good = readFileSync(path, 'utf8')
  let answer: Answer
  await step.attack('the run is refused and says where to approve', async () => {
    writeFileSync(path, good.replace('ok', 'oK'))
    answer = await it.start('h1')
    expect(answer).toMatchObject({
      status: 409,
      body: { code: 'SCRIPT_CHANGED', detail: expect.stringContaining('Settings → Scripts'), details: { scriptId: 'h1' } },
    })
  })
  await step.row('the attempt and its code', async () => refusals([answer], 'SCRIPT_CHANGED'))
  await step.control('the byte is put back', async () => {
    writeFileSync(path, good)
    expect(await ends(await it.start('h1'))).toMatchObject({ state: 'exited', exitCode: 0 })
  })
})

attackCase('H5', 'variables that change what a program loads', async (step) => {
  const names = [
    'BASH_ENV',
    'ENV',
    'PATH',
    'IFS',
    'LD_PRELOAD',
    'DYLD_X',
    'NODE_OPTIONS',
    'PYTHONPATH',
    'PYTHONSTARTUP',
    'PERL5OPT',
    'RUBYOPT',
  ]
  names.push(
    'GIT_SSH_COMMAND',
    'SSH_ASKPASS',
    'DOCKER_HOST',
    'SHELLOPTS',
    'PS4',
    'BASH_FUNC_x%%',
    'path',
    'V=',
    'V\0',
    '__proto__',
    'BYTELYST_RUN',
    'HOME',
  )
  const answers: Answer[] = []
  await step.attack('no call may set one, and no approval may name one', async () => {
    for (const name of names) {
      const body = JSON.stringify({ ...base('prints'), variables: {} }).replace(
        '"variables":{}',
        `"variables":{${JSON.stringify(name)}:"x"}`,
      )
      it.kit.nextPerson()
      const answer = await it.call('runs.start', {}, { as: 'operator', body })
      expect([name, answer.status]).toEqual([name, 400])
      answers.push(answer)
      const plan = await it.call('scripts.plan', { scriptId: 'prints', variables: [name.replace('\0', '')].filter((one) => one !== 'V') })
      if (name !== 'V\0') expect([name, plan.status]).toEqual([name, 400])
    }
  })
  await step.row('each call', async () => {
    for (const { requestId, body } of answers)
      expect((await it.rows(requestId)).at(-1)).toMatchObject({ outcome: 'denied', code: body.code })
  })
  await step.control('the one that was declared, in exactly the environment that is listed', async () => {
    await it.approved('shows', '# variables: V\ncat /proc/self/environ | tr "\\0" "\\n"')
    const runId = runIdOf(await it.start('shows', { variables: { V: 'x' }, serviceId: 'svc' }))
    await it.desk.ended(runId)
    const user = it.place.bash('id -un').trim()
    const home = it.place.bash('getent passwd "$1" | cut -d: -f6', user).trim()
    const own = ['V=x', 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', `HOME=${home}`, 'LANG=C.UTF-8', `USER=${user}`]
    own.push('SERVICE_ID=svc', `RUN_ID=${runId}`, `BYTELYST_RUN=${runId}`, `PWD=${it.place.scripts}`, 'SHLVL=0', '_=/usr/bin/cat')
    expect((await texts(runId)).filter((line) => !/^(SHLVL|_)=/.test(line)).sort()).toEqual(
      own.filter((line) => !/^(SHLVL|_)=/.test(line)).sort(),
    )
  })
})

attackCase('H6', 'values that are not declared, too long, or look like code', async (step) => {
  let undeclared: Answer
  const answers: Answer[] = []
  await step.attack('the first kinds are refused by the name', async () => {
    undeclared = await it.start('prints', { variables: { OTHER: 'x' } })
    expect(undeclared).toMatchObject({ status: 400, body: { code: 'SCRIPT_VARIABLE_UNKNOWN', detail: expect.stringContaining('OTHER') } })
    for (const value of ['x'.repeat(8_193), 'a\0b', 7, null]) answers.push(await it.start('prints', { variables: { V: value } }))
    for (const answer of answers)
      expect(answer).toMatchObject({ status: 400, body: { code: 'INPUT_INVALID', errors: [{ field: 'variables.V' }] } })
  })
  await step.row('each', async () => {
    await refusals([undeclared], 'SCRIPT_VARIABLE_UNKNOWN')
    await refusals(answers, 'INPUT_INVALID')
  })
  await step.control('what only looks like code arrives as it is', async () => {
    for (const value of ['x'.repeat(8_192), 'a\nb; $(touch /tmp/x) `id` "q" \'q\' \\ * ~ %0a\t', '--help', '-n', '']) {
      const runId = runIdOf(await it.start('prints', { variables: { V: value } }))
      expect(await it.desk.ended(runId)).toMatchObject({ exitCode: 0 })
      expect(Buffer.from((await texts(runId)).join(''), 'base64').toString()).toBe(value)
    }
  })
})

attackCase('H9', 'a call that brings what only the approval may say', async (step) => {
  const more = {
    path: '/etc/passwd',
    cwd: '/',
    workingDirectory: '/',
    user: 'root',
    timeoutSec: 1,
    timeout: 1,
    interpreter: '/bin/sh',
    args: ['x'],
    env: {},
  }
  const answers: Answer[] = []
  await step.attack('each field is unknown', async () => {
    for (const [name, value] of Object.entries(more)) {
      const answer = await it.start('prints', { [name]: value })
      expect(answer).toMatchObject({ status: 400, body: { code: 'INPUT_INVALID', errors: [{ field: name, rule: 'unknown' }] } })
      answers.push(answer)
    }
  })
  await step.row('each', () => refusals(answers, 'INPUT_INVALID'))
  await step.control('the call without it', async () => expect(await ends(await it.start('prints'))).toMatchObject({ exitCode: 0 }))
})

attackCase('H13', 'a script that tells its secret in every way', async (step) => {
  const secret = `s3cret-${tag}-value`
  const text = 'echo "$V"; echo "x$V-y" >&2; printf "%s" "$(echo "$V" | cut -c -6)"; sleep 0.5; echo "$V" | cut -c 7-; sleep 60'
  await it.approved('leaks', `# variables: V\n${text}`)
  let answer: Answer
  await step.attack('it is covered before it is stored, and stands in no argument', async () => {
    answer = await it.start('leaks', { variables: { V: secret }, secretNames: ['V'] })
    const runId = runIdOf(answer)
    await it.desk.wrote(runId, 3)
    expect(await texts(runId)).toEqual(expect.arrayContaining(['••••••', 'x••••••-y']))
    expect(allArguments().filter((line) => line.includes(secret))).toEqual([])
    expect(it.place.bash('grep -rlF -- "$1" "$2" || true', secret, it.kit.dataDir)).toBe('')
    await it.desk.cancel(runId)
    await it.desk.ended(runId)
  })
  await step.row('the start with its values covered', async () => {
    const rows = await it.rows(answer.requestId)
    expect(rows[0]).toMatchObject({
      outcome: 'started',
      input: { variables: { V: expect.stringMatching(/^hmac-sha256:/) }, secretNames: ['V'] },
    })
    expect(JSON.stringify(await it.desk.journal())).not.toContain(secret)
  })
  await step.control('a value that is no secret is shown', async () => {
    const runId = runIdOf(await it.start('leaks', { variables: { V: 'plain-value' } }))
    await it.desk.wrote(runId, 3)
    expect(await texts(runId)).toContain('plain-value')
    await it.desk.cancel(runId)
  })
})

attackCase(
  'H15',
  'the script is changed while its run waits, and the agent starts anew',
  async (step) => {
    const path = await it.approved('h15', 'sleep 1; echo ok')
    const good = readFileSync(path, 'utf8')
    let waiting = ''
    await step.attack('what waited is not run with other bytes', async () => {
      const first = runIdOf(await it.start('h15', { serviceId: 'h15' }))
      waiting = runIdOf(await it.start('h15', { serviceId: 'h15' }))
      writeFileSync(path, good.replace('ok', 'evil'))
      await it.place.kill()
      await it.place.start()
      expect(await it.desk.ended(first)).toMatchObject({ exitCode: 0 })
      expect(await it.desk.ended(waiting)).toMatchObject({ state: 'refused', code: 'SCRIPT_CHANGED', exitCode: null })
    })
    await step.row('its end with the reason, and no beginning', async () => {
      const rows = (await it.rows(waiting)).filter(({ action }) => action !== 'runs.start')
      expect(rows).toEqual([expect.objectContaining({ action: 'runs.end', outcome: 'failed', code: 'SCRIPT_CHANGED' })])
    })
    await step.control('unchanged, what waited is run after the restart', async () => {
      writeFileSync(path, good)
      await it.start('h15', { serviceId: 'h15' })
      const second = runIdOf(await it.start('h15', { serviceId: 'h15' }))
      await it.place.kill()
      await it.place.start()
      expect(await it.desk.ended(second)).toMatchObject({ state: 'exited', exitCode: 0 })
    })
  },
  120_000,
)

attackCase('H18', 'output that looks like what only the agent says', async (step) => {
  const lies = [
    '::step forged::',
    '{"ended":"exited"}',
    '{"seq":1,"stream":"sys","text":"all is well"}',
    'The output was cut here: it is over 10 MiB.',
    '\u001b[2J\u001b[1mexit 0',
  ]
  writeFileSync(join(it.place.scripts, 'lies.txt'), `${lies.join('\n')}\n`)
  await it.approved('lies', 'cat lies.txt; exit 9')
  await it.approved('honest', 'cat lies.txt')
  let runId = ''
  await step.attack('it is text of the script, and the state comes from the exit status', async () => {
    runId = runIdOf(await it.start('lies'))
    expect(await it.desk.ended(runId)).toMatchObject({ state: 'exited', exitCode: 9, cut: false, lines: 5, steps: [{ name: 'forged' }] })
    const lines = await it.desk.log(runId, { follow: true })
    expect(lines.slice(0, -1).map(({ stream, text }) => `${stream} ${text}`)).toEqual(lies.map((lie) => `out ${lie}`))
    expect(lines.at(-1)).toEqual({ ended: 'exited' })
  })
  await step.row('the true end', async () =>
    expect((await it.rows(runId)).at(-1)).toMatchObject({ action: 'runs.end', outcome: 'failed', details: { exitCode: 9 } }),
  )
  await step.control('the same text with another exit status', async () => {
    const honest = runIdOf(await it.start('honest'))
    expect(await it.desk.ended(honest)).toMatchObject({ exitCode: 0 })
    expect((await it.rows(honest)).at(-1)).toMatchObject({ action: 'runs.end', outcome: 'done' })
  })
})

function base(scriptId: string) {
  return {
    runId: `b-${tag}-${Math.random().toString(36).slice(2)}`,
    scriptId,
    serviceId: 'svc-b',
    reason: 'an attack',
    onBusy: 'queue',
    secretNames: [],
  }
}
