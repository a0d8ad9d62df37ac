import { request } from 'node:http'
import { startFakeOllama } from './fake-ollama.ts'
import { ollamaUrl } from './needs.ts'

/** An Ollama with two models, by the names that it lists; others are made and removed by a suite. */
export type OllamaPlace = {
  readonly port: number
  readonly names: readonly [string, string]
  /** Posts what a client of it would. @throws Error when it does not answer 200 */
  call(path: string, body: object): Promise<void>
  stop(): Promise<void>
}

/** Beginnings of the names that suites give what they make at the real one. */
const made = ['conformance-copy:', 'page-model:'] as const

export async function fakeOllamaPlace(): Promise<OllamaPlace> {
  const { port, stop } = await startFakeOllama()
  return { port, names: ['lab-tiny:latest', 'lab-tiny:q8'], call: async (path, body) => void (await send(port, 'POST', path, body)), stop }
}

/** The one of OLLAMA_URL with its two smallest models. @param own what this suite makes there: what a broken run left behind is taken away */
export async function realOllamaPlace(own: (typeof made)[number]): Promise<OllamaPlace> {
  const port = Number(new URL(ollamaUrl).port)
  const listed = async () => (JSON.parse(await send(port, 'GET', '/api/tags', {})) as { models: { name: string; size: number }[] }).models
  const clear = async (): Promise<void> => {
    for (const { name } of (await listed()).filter(({ name }) => name.startsWith(own)))
      await send(port, 'DELETE', '/api/delete', { model: name })
  }
  await clear()
  const lasting = (await listed()).filter(({ name }) => !made.some((start) => name.startsWith(start)))
  const [first, second] = lasting.sort((a, b) => a.size - b.size)
  if (!first || !second) throw new Error('Ollama has fewer than two models')
  return { port, names: [first.name, second.name], call: async (path, body) => void (await send(port, 'POST', path, body)), stop: clear }
}

function send(port: number, method: string, path: string, body: object): Promise<string> {
  return new Promise((resolve, reject) => {
    const text = method === 'GET' ? '' : JSON.stringify(body)
    // Node says no length by itself where a method seldom has a body, such as DELETE.
    const headers = { 'content-length': Buffer.byteLength(text) }
    const call = request({ host: '127.0.0.1', port, method, path, headers, agent: false }, (reply) => {
      const chunks: Buffer[] = []
      reply.on('data', (chunk: Buffer) => chunks.push(chunk))
      reply.once('end', () =>
        reply.statusCode === 200 ? resolve(Buffer.concat(chunks).toString()) : reject(new Error(`${path}: ${reply.statusCode}`)),
      )
    })
    call.once('error', reject)
    call.end(text)
  })
}
