import { request } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { dockerSocket } from '@console/testkit/needs'
import { testImage } from '@console/testkit/test-image'

export type EngineContainer = { readonly Id: string; readonly Names: readonly string[]; readonly State: string }
export type Hundred = {
  /** Those that write a line twice a second while they run, and that come and go with the rest. */
  readonly talkers: readonly string[]
  /** Runs from the beginning to the end. */
  readonly steady: string
  /** Runs but where somebody restarts it from the console. */
  readonly restarted: string
  readonly changes: number
  /** Changes one container after the other, about one a second, until the signal. */
  change(random: () => number, signal: AbortSignal): Promise<void>
  remove(): Promise<void>
}

const talkersAmong = 20
const everyMs = 1_000
/** How much of the changes is a container that is taken away and made again under its name, with another id. */
const remade = 0.1

/** Each life of a container has a mark of its own, and its lines are numbered: whoever reads them can tell a line that is lost from one that never was. */
const talk = 'exec 3<> <(:); life=$EPOCHREALTIME; n=0; while :; do n=$((n+1)); echo "soak $life $n"; read -t 0.5 -u 3 || :; done'
/** Waits without a process beside the shell. */
const wait = 'exec 3<> <(:); read -u 3'

/** A hundred containers under names of this process, half of them running. */
export async function startHundred(): Promise<Hundred> {
  const nameOf = (index: number): string => `bl-soak-${process.pid}-${index}`
  const names = Array.from({ length: 100 }, (_, index) => nameOf(index))
  const talkers = names.slice(0, talkersAmong)
  const [steady, restarted] = [names.at(-1) ?? '', names.at(-2) ?? '']
  const running = new Set<string>()
  let changes = 0
  const start = async (name: string): Promise<void> => {
    await engine('POST', `/containers/${name}/start`)
    running.add(name)
  }
  const stop = async (name: string): Promise<void> => {
    await engine('POST', `/containers/${name}/stop?t=0`)
    running.delete(name)
  }
  const create = (name: string) =>
    engine('POST', `/containers/create?name=${name}`, {
      Image: testImage,
      Cmd: ['bash', '-c', talkers.includes(name) || name === restarted ? talk : wait],
      Labels: { 'com.bytelyst.test': '1' },
      HostConfig: { NetworkMode: 'none' },
    })
  const removeOne = async (name: string): Promise<void> => {
    await engine('DELETE', `/containers/${name}?force=1&v=1`)
    running.delete(name)
  }
  const remove = async (): Promise<void> => {
    for (const name of names) await removeOne(name)
  }
  try {
    for (const [index, name] of names.entries()) {
      await create(name)
      if (index % 2 === 0 || name === steady) await start(name)
    }
  } catch (error) {
    await remove()
    throw error
  }
  return {
    talkers,
    steady,
    restarted,
    get changes() {
      return changes
    },
    async change(random, signal) {
      while (!signal.aborted) {
        const began = Date.now()
        const name = names[Math.floor(random() * (names.length - 2))] ?? ''
        if (random() < remade) {
          await removeOne(name)
          await create(name)
          await start(name)
        } else await (running.has(name) ? stop(name) : start(name))
        changes += 1
        await pause(Math.max(0, began + everyMs - Date.now()), undefined, { signal }).catch(() => undefined)
      }
    },
    remove,
  }
}

/** What the engine itself has, oldest containers last. */
export async function listOfEngine(): Promise<EngineContainer[]> {
  return JSON.parse(await engine('GET', '/containers/json?all=1')) as EngineContainer[]
}

/** Asked of the engine directly, past the console. That it was so already, or is gone, is as good. */
function engine(method: 'GET' | 'POST' | 'DELETE', path: string, body?: object): Promise<string> {
  const text = body === undefined ? '' : JSON.stringify(body)
  const headers = { host: 'docker', 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(text)) }
  return new Promise((resolve, reject) => {
    const call = request({ socketPath: dockerSocket, method, path, headers, agent: false }, (reply) => {
      let got = ''
      reply.setEncoding('utf8')
      reply.on('data', (chunk: string) => {
        got += chunk
      })
      reply.once('end', () => {
        const { statusCode = 0 } = reply
        if (statusCode < 400 || (method === 'DELETE' && statusCode === 404)) resolve(got)
        else reject(new Error(`the engine answered ${method} ${path} with ${statusCode}: ${got}`))
      })
      reply.once('error', reject)
    })
    call.once('error', reject)
    call.end(text)
  })
}
