import { createHash } from 'node:crypto'
import { createServer, type Server } from 'node:net'
import { openDesk } from '@console/testkit/agent-desk'
import { type AgentPlace, openLocalPlace } from '@console/testkit/agent-place'
import { attackCase } from '@console/testkit/attack'
import { type As, until } from '@console/testkit/daemon-harness'
import { type FakeOllama, modelFor, startFakeOllama } from '@console/testkit/fake-ollama'
import { canonical, type Plain } from '@console/verbs/canonical'
import { afterAll, beforeAll, beforeEach, describe, expect } from 'vitest'

const withinMs = 45_000
type Plan = { readonly plan: Record<string, Plain>; readonly digest: string }
type List = { readonly models: { readonly name: string }[]; readonly trouble: { readonly code: string } | null; readonly left: number }

describe('Ollama through host-agent', () => {
  let ollama: FakeOllama
  let place: AgentPlace
  let elsewhere: Server
  let visits = 0
  const port = () => (elsewhere.address() as { port: number }).port

  beforeAll(async () => {
    ollama = await startFakeOllama()
    elsewhere = createServer((socket) => {
      visits += 1
      socket.destroy()
    })
    await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve))
    place = await openLocalPlace({ OLLAMA_PORT: String(ollama.port) })
    await place.start()
  }, 120_000)
  afterAll(async () => {
    await place?.remove()
    await ollama?.stop()
    elsewhere?.close()
  }, 60_000)
  beforeEach(() => {
    place.kit.nextPerson()
    for (const path of ['/api/tags', '/api/ps', '/api/version', '/api/delete', '/api/generate', '/api/pull']) ollama.instead(path, null)
    ollama.models.clear()
    for (const name of ['lab-tiny:latest', 'lab-tiny:q8']) ollama.models.set(name, modelFor(name, 5_000))
    ollama.loaded.clear()
    ollama.requests.length = 0
    visits = 0
  })

  const ask = (verb: string, args: object, as: As = 'admin', grant?: string) => place.kit.ask(verb, args, as, grant)
  const plan = async (name: string) => (await ask('ollama.plan', { name })).body as unknown as Plan
  const list = async () => (await ask('ollama.list', {})).body as unknown as List
  const changes = () => ollama.requests.filter(({ method }) => method !== 'GET').map(({ method, path }) => `${method} ${path}`)
  const rowsOf = async (action: string) => (await openDesk(place).journal()).filter((row) => row.action === action)
  const codesOf = async (action: string) => new Set((await rowsOf(action)).map(({ outcome, code }) => `${outcome} ${code ?? ''}`.trim()))
  const verbs = ['ollama.pull', 'ollama.unload', 'ollama.plan', 'ollama.delete']

  attackCase('D5', 'names of models that are paths, addresses or more than a name', async ({ attack, control, row }) => {
    const odd = [
      ...['../../etc/passwd', '..', '.', '/abs', 'a//b', 'a/../b', 'a/./b', 'a\\b', '.hidden', 'a/b/c/d', 'm:t:u', 'm:', ':t', ''],
      ...[
        'a b',
        'a\nb',
        'a\r\nHost: x',
        'a\tb',
        'é',
        '\u202ea',
        '\uff41',
        'K\u212a',
        'a%2e%2e',
        '%2e%2e/x',
        'm?x=1',
        'm#x',
        'm;x',
        'm&x',
        '"m"',
        '{m}',
      ],
      ...['http://127.0.0.1/x', 'user@host/ns/m', 'host:99999999/ns/m', 'x'.repeat(201), '-m', '--insecure', '-x/m'],
    ]
    await attack('nothing of them reaches Ollama, whatever is asked', async () => {
      for (const verb of verbs)
        for (const name of odd) {
          const { status, body } = await ask(verb, { name, ...(verb === 'ollama.delete' && { digest: 'a'.repeat(64) }) })
          // A hundred refused changes are more than one person's minute allows.
          place.kit.nextPerson()
          expect([verb, name, status, body.code]).toEqual([verb, name, 400, 'INPUT_INVALID'])
        }
      expect(ollama.requests).toEqual([])
    })
    await control('one that is a name', async () => {
      expect((await plan('lab-tiny:q8')).plan).toMatchObject({ name: 'lab-tiny:q8', modelDigest: modelFor('lab-tiny:q8', 1).digest })
    })
    await row('each refusal', async () => {
      for (const verb of verbs) expect([verb, await codesOf(verb)]).toEqual([verb, new Set(['denied INPUT_INVALID'])])
    })
  })

  attackCase('D6', 'a name that is no text', async ({ attack, control, row }) => {
    await attack('is refused before any pattern sees it', async () => {
      for (const name of [['lab-tiny:q8'], { toString: 'lab-tiny:q8' }, 5, null, true]) {
        const { status, body } = await ask('ollama.unload', { name })
        expect([status, body.code]).toEqual([400, 'INPUT_INVALID'])
      }
      const { status } = await ask('ollama.unload', { name: 'lab-tiny:q8', url: `http://127.0.0.1:${port()}` })
      expect([status, ollama.requests, visits]).toEqual([400, [], 0])
    })
    await control('the same as text', async () => {
      ollama.loaded.set('lab-tiny:q8', null)
      expect((await ask('ollama.unload', { name: 'lab-tiny:q8' })).body).toEqual({ name: 'lab-tiny:q8', left: true })
      expect(changes()).toEqual(['POST /api/generate'])
    })
    await row('the refusals, and the unloading', async () => {
      expect(await codesOf('ollama.unload')).toEqual(new Set(['denied INPUT_INVALID', 'started', 'done']))
    })
  })

  attackCase('F1', 'a pull that would make Ollama speak to a host of one’s choice', async ({ attack, control, row }) => {
    const hosts = [
      ...['127.0.0.1', 'localhost', `127.0.0.1:${port()}`, `localhost:${port()}`, '169.254.169.254', '0.0.0.0', '2130706433', '0x7f000001'],
      ...[
        'registry.ollama.ai.example.net',
        'example.net',
        'hf.co.example.net',
        'xhf.co',
        'hf.co:22',
        'metadata.google.internal',
        'docker.sock',
      ],
    ]
    await attack('is refused', async () => {
      for (const host of hosts) {
        const { status, body } = await ask('ollama.pull', { name: `${host}/latest/meta-data` })
        expect([host, status, body.code]).toEqual([host, 403, 'OLLAMA_REGISTRY_REFUSED'])
      }
      expect([changes(), visits]).toEqual([[], 0])
    })
    await control('from a registry that is listed', async () => {
      const { status } = await ask('ollama.pull', { name: 'hf.co/team/small-GGUF:Q4_K_M' })
      expect(status).toBe(200)
      await until('it is there', () => ollama.models.has('hf.co/team/small-GGUF:Q4_K_M'), withinMs)
    })
    await row('each refusal, and the end of the pull', async () => {
      const refused = (await rowsOf('ollama.pull')).filter(({ code }) => code === 'OLLAMA_REGISTRY_REFUSED')
      expect(refused.length).toBe(hosts.length)
      await until('its end', async () => (await rowsOf('ollama.pull.end')).some(({ outcome }) => outcome === 'done'), withinMs)
    })
  })

  attackCase('D21', 'an Ollama that answers with a redirect to another place', async ({ attack, control, row }) => {
    const { digest } = await plan('lab-tiny:q8')
    const confirmed = place.kit.grant('ollama.delete', digest)
    await attack('is followed by nothing, on any path', async () => {
      for (const status of [301, 302, 303, 307, 308])
        for (const path of ['/api/tags', '/api/ps', '/api/version', '/api/delete']) {
          ollama.instead(path, (_request, response) => {
            response.writeHead(status, { location: `http://127.0.0.1:${port()}/api/tags` }).end('{"models":[]}')
          })
          if (path !== '/api/delete') expect((await list()).trouble?.code).toBe('OLLAMA_ERROR')
          if (path !== '/api/delete') ollama.instead(path, null)
        }
      expect((await ask('ollama.delete', { name: 'lab-tiny:q8', digest }, 'admin', confirmed)).body.code).toBe('OLLAMA_ERROR')
      expect(visits).toBe(0)
    })
    await control('one that answers itself', async () => {
      ollama.instead('/api/delete', null)
      const again = await plan('lab-tiny:q8')
      const args = { name: 'lab-tiny:q8', digest: again.digest }
      expect((await ask('ollama.delete', args, 'admin', place.kit.grant('ollama.delete', again.digest))).status).toBe(200)
      expect(ollama.models.has('lab-tiny:q8')).toBe(false)
    })
    await row('the one that failed, and the one that did not', async () => {
      const told = (await rowsOf('ollama.delete'))
        .filter(({ target }) => target === 'lab-tiny:q8')
        .map(({ outcome, code }) => code ?? outcome)
      expect(told).toEqual(['started', 'OLLAMA_ERROR', 'started', 'done'])
    })
  })

  attackCase('D22', 'an Ollama that lies', async ({ attack, control, row }) => {
    const bodies: Record<string, string> = {
      'a page': '<html>',
      'half a list': '{"models":[{"name":"lab-tiny',
      'a list of nothing it says': '{"models":{"length":5}}',
      'more than is read': `{"models":["${'x'.repeat(5_000_000)}"]}`,
      'a deep one': '['.repeat(200_000),
    }
    await attack('is believed nothing, and what was known stays', async () => {
      await list()
      for (const [what, body] of Object.entries(bodies)) {
        ollama.instead('/api/tags', (_request, response) => void response.writeHead(200).end(body))
        const { trouble, models } = await list()
        expect([what, trouble?.code, models.length]).toEqual([what, 'OLLAMA_ERROR', 2])
      }
      ollama.instead('/api/tags', (_request, response) => {
        response.writeHead(200, Object.fromEntries(Array.from({ length: 300 }, (_, n) => [`x-${n}`, 'y'.repeat(100)]))).end('{}')
      })
      expect((await list()).trouble?.code).toBe('OLLAMA_ERROR')
      ollama.instead('/api/tags', null)
      ollama.instead('/api/delete', (_request, response) => void response.end())
      const { digest } = await plan('lab-tiny:q8')
      const { status, body } = await ask(
        'ollama.delete',
        { name: 'lab-tiny:q8', digest },
        'admin',
        place.kit.grant('ollama.delete', digest),
      )
      expect([status, body.code]).toEqual([502, 'OLLAMA_ERROR'])
    })
    await control('one that tells the truth', async () => {
      const { trouble, models } = await list()
      expect([trouble, models.length]).toEqual([null, 2])
    })
    await row('a deletion that it only said', async () => {
      expect((await rowsOf('ollama.delete')).at(-1)).toMatchObject({ target: 'lab-tiny:q8', outcome: 'failed', code: 'OLLAMA_ERROR' })
    })
  })

  attackCase('V1', 'models whose names and families would do something on a page or a terminal', async ({ attack, control, row }) => {
    const canary = 'CANARY-ollama'
    const marks = [
      `<img src=x onerror=${canary}>`,
      `\u001b]8;;javascript:${canary}\u0007x`,
      `\u202e${canary}`,
      `=${canary}`,
      `${canary}\u0000`,
    ]
    await attack('nothing of them is in any answer, nor what Ollama says when it refuses', async () => {
      const details = (mark: string) => ({ family: mark, parameter_size: mark, quantization_level: mark, format: mark })
      const models = [
        ...marks.map((name) => ({ ...modelFor('x', 1), name, details: {} })),
        ...marks.map((mark, n) => ({
          ...modelFor('x', 1),
          name: `plain-${n}:x`,
          modified_at: mark,
          details: details(mark),
          remote_host: mark,
        })),
      ]
      ollama.instead('/api/tags', (_request, response) => void response.end(JSON.stringify({ models })))
      ollama.instead('/api/ps', (_request, response) => void response.end(JSON.stringify({ models })))
      const told = await list()
      expect([told.models.length, told.left]).toEqual([marks.length, 2 * marks.length])
      expect(JSON.stringify(told)).not.toContain(canary)
      ollama.instead('/api/ps', null)
      ollama.instead('/api/generate', (_request, response) => void response.writeHead(500).end(JSON.stringify({ error: canary })))
      ollama.loaded.set('plain-0:x', null)
      const refused = await ask('ollama.unload', { name: 'plain-0:x' })
      expect([refused.status, refused.text.includes(canary)]).toEqual([502, false])
      ollama.instead('/api/pull', (_request, response) => void response.end(`${JSON.stringify({ error: canary })}\n`))
      expect((await ask('ollama.pull', { name: 'plain-0:x' })).status).toBe(200)
      const failed = async () =>
        (await rowsOf('ollama.pull.end')).some(({ target, outcome }) => target === 'plain-0:x' && outcome === 'failed')
      await until('the pull fails', failed, withinMs)
      expect(JSON.stringify(await list())).not.toContain(canary)
    })
    await control('plain words are there', async () => {
      for (const path of ['/api/tags', '/api/ps']) ollama.instead(path, null)
      expect((await list()).models[0]).toMatchObject({ name: 'lab-tiny:latest', family: 'llama', quantisation: 'F16' })
    })
    await row('the refusal, without its text', async () => {
      const rows = await openDesk(place).journal()
      expect(rows.some(({ action, code }) => action === 'ollama.unload' && code === 'OLLAMA_ERROR')).toBe(true)
      expect(JSON.stringify(rows)).not.toContain(canary)
    })
  })

  attackCase('D14', 'a model deleted without its plan, its confirmation or the same digest', async ({ attack, control, row }) => {
    const { plan: shown, digest } = await plan('lab-tiny:q8')
    const args = { name: 'lab-tiny:q8', digest }
    const grant = (over: object = {}) => place.kit.grant('ollama.delete', digest, over)
    await attack('is refused each time, and stays', async () => {
      expect(createHash('sha256').update(canonical(shown)).digest('hex')).toBe(digest)
      const other = 'b'.repeat(64)
      const tries: [object, string | undefined, As, string][] = [
        [args, undefined, 'admin', 'AUTH_GRANT_REQUIRED'],
        [args, grant(), 'operator', 'AUTH_FORBIDDEN'],
        [args, grant(), 'service', 'AUTH_FORBIDDEN'],
        [args, place.kit.grant('ollama.delete', other), 'admin', 'AUTH_GRANT_MISMATCH'],
        [args, place.kit.grant('scripts.approve', digest), 'admin', 'AUTH_GRANT_MISMATCH'],
        [args, grant({ sub: 'somebody-else' }), 'admin', 'AUTH_GRANT_MISMATCH'],
        [{ ...args, digest: other }, place.kit.grant('ollama.delete', other), 'admin', 'PLAN_NOT_FOUND'],
        [{ ...args, name: 'lab-tiny:latest' }, grant(), 'admin', 'PLAN_NOT_FOUND'],
      ]
      for (const [body, shownGrant, as, code] of tries)
        expect([code, (await ask('ollama.delete', body, as, shownGrant)).body.code]).toEqual([code, code])
      ollama.loaded.set('lab-tiny:q8', null)
      expect((await ask('ollama.delete', args, 'admin', grant())).body.code).toBe('OLLAMA_MODEL_LOADED')
      ollama.loaded.clear()
      const real = ollama.models.get('lab-tiny:q8')
      ollama.models.set('lab-tiny:q8', modelFor('another', 5_000))
      place.kit.nextPerson()
      expect((await ask('ollama.delete', args, 'admin', grant())).body.code).toBe('OLLAMA_MODEL_CHANGED')
      if (real) ollama.models.set('lab-tiny:q8', real)
      expect(changes()).toEqual([])
    })
    await control('the same model, with one’s own confirmation, once', async () => {
      const own = grant()
      expect((await ask('ollama.delete', args, 'admin', own)).body).toMatchObject({ name: 'lab-tiny:q8' })
      expect((await ask('ollama.delete', args, 'admin', own)).body.code).toBe('AUTH_GRANT_USED')
      expect((await ask('ollama.delete', args, 'admin', grant())).body.code).toBe('PLAN_USED')
      expect([[...ollama.models.keys()], changes()]).toEqual([['lab-tiny:latest'], ['DELETE /api/delete']])
    })
    await row('each refusal with its code, and the one deletion', async () => {
      const codes = await codesOf('ollama.delete')
      for (const code of ['AUTH_GRANT_REQUIRED', 'AUTH_FORBIDDEN', 'AUTH_GRANT_MISMATCH', 'AUTH_GRANT_USED'])
        expect(codes).toContain(`denied ${code}`)
      for (const code of ['PLAN_NOT_FOUND', 'OLLAMA_MODEL_LOADED', 'OLLAMA_MODEL_CHANGED', 'PLAN_USED'])
        expect(codes).toContain(`failed ${code}`)
    })
  })

  attackCase('L1', 'pulls and unloads beyond what their rows allow', async ({ attack, control, row }) => {
    for (const name of ['one:x', 'two:x']) ollama.loaded.set(name, null)
    const stuck = (_: unknown, response: import('node:http').ServerResponse): void => void response.writeHead(500).end('{}')
    ollama.instead('/api/generate', stuck)
    const unload = async (name: string) => (await ask('ollama.unload', { name })).body.code
    await attack('the seventh unload of one model in a minute', async () => {
      for (let n = 0; n < 6; n += 1) expect(await unload('one:x')).toBe('OLLAMA_ERROR')
      expect(await unload('one:x')).toBe('RATE_LIMITED')
    })
    await control('another model', async () => {
      expect(await unload('two:x')).toBe('OLLAMA_ERROR')
    })
    await row('the refusal', async () => {
      expect((await rowsOf('ollama.unload')).filter(({ code }) => code === 'RATE_LIMITED').length).toBe(1)
    })
  })
})
