import { describe, expect, it } from 'vitest'
import { setupText } from './agent-setup.ts'

describe('what is entered at an agent', () => {
  it.each([
    { base: 'https://api.example.net/api/devops', expected: 'http://127.0.0.1:4004/api/devops/hermes/ingest/vm' },
    { base: 'http://localhost:5004/api/devops', expected: 'http://localhost:5004/api/devops/hermes/ingest/vm' },
  ])('goes over loopback where the API is $base', ({ base, expected }) => {
    for (const way of ['otlp', 'webhook'] as const) {
      const { agent, try: command } = setupText({ base, instance: 'vm', way })
      expect(agent).toContain(expected)
      expect(command).toContain(expected)
    }
  })
})
