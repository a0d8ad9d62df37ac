import { describeNeeding } from '@console/testkit/needs'
import { fakeOllamaPlace, realOllamaPlace } from '@console/testkit/ollama-place'
import { describe } from 'vitest'
import { ollamaConformance } from './ollama.conformance.ts'

describe('Ollama, as a fake', () => ollamaConformance(fakeOllamaPlace))
describeNeeding('ollama', 'Ollama itself', () =>
  ollamaConformance(async () => {
    const place = await realOllamaPlace('conformance-copy:')
    await place.call('/api/generate', { model: place.names[0], keep_alive: 0, stream: false })
    return place
  }),
)
