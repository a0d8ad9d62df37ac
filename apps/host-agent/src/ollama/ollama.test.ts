import { request } from 'node:http'
import { startFakeOllama } from '@console/testkit/fake-ollama'
import { describeNeeding, ollamaUrl } from '@console/testkit/needs'
import { describe } from 'vitest'
import { ollamaConformance, type Place } from './ollama.conformance.ts'

const send = (port: number, method: string, path: string, body: object): Promise<string> =>
  new Promise((resolve, reject) => {
    const call = request({ host: '127.0.0.1', port, method, path, agent: false }, (reply) => {
      const chunks: Buffer[] = []
      reply.on('data', (chunk: Buffer) => chunks.push(chunk))
      reply.once('end', () =>
        reply.statusCode === 200 ? resolve(Buffer.concat(chunks).toString()) : reject(new Error(`${path}: ${reply.statusCode}`)),
      )
    })
    call.once('error', reject)
    call.end(method === 'GET' ? '' : JSON.stringify(body))
  })

const fakePlace = async (): Promise<Place> => {
  const { port, stop } = await startFakeOllama()
  return { port, names: ['lab-tiny:latest', 'lab-tiny:q8'], call: async (path, body) => void (await send(port, 'POST', path, body)), stop }
}

/** Its two smallest models; copies that a broken run left behind are taken away. */
const realPlace = async (): Promise<Place> => {
  const port = Number(new URL(ollamaUrl).port)
  const listed = async () => (JSON.parse(await send(port, 'GET', '/api/tags', {})) as { models: { name: string; size: number }[] }).models
  const isOurs = ({ name }: { name: string }): boolean => name.startsWith('conformance-copy:')
  const clear = async (): Promise<void> => {
    for (const { name } of (await listed()).filter(isOurs)) await send(port, 'DELETE', '/api/delete', { model: name })
  }
  await clear()
  const [first, second] = (await listed()).sort((a, b) => a.size - b.size)
  if (!first || !second) throw new Error('Ollama has fewer than two models')
  await send(port, 'POST', '/api/generate', { model: first.name, keep_alive: 0, stream: false })
  return { port, names: [first.name, second.name], call: async (path, body) => void (await send(port, 'POST', path, body)), stop: clear }
}

describe('Ollama, as a fake', () => ollamaConformance(fakePlace))
describeNeeding('ollama', 'Ollama itself', () => ollamaConformance(realPlace))
