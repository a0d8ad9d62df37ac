import { until } from '@console/testkit/daemon-harness'
import type { ProxyFront } from '@console/testkit/proxy-front'
import { expect } from 'vitest'

const withinMs = 30_000

/**
 * Ten people follow one log five times each, and are refused the sixth and the fifty-first. `whileOpen` looks at what is open then;
 * `printLast` makes the container print `the-last-line`, with which all of them end.
 */
export async function followTooOften(
  front: ProxyFront,
  container: string,
  { whileOpen, printLast }: { readonly whileOpen: () => void; readonly printLast: () => void },
): Promise<void> {
  let opened = 0
  const open = () => {
    let begun = false
    const enough = (text: string): boolean => {
      if (!begun && /^HTTP\/1\.1 200[\s\S]*\r\n\r\n/.test(text)) {
        begun = true
        opened += 1
      }
      return /^HTTP\/1\.1 429|the-last-line/.test(text)
    }
    return front.send(front.call({ verb: 'containers.logs', args: { container, follow: true } }), {
      quietMs: 90_000,
      timeoutMs: 90_000,
      enough,
    })
  }
  const all: ReturnType<typeof open>[] = []
  for (let person = 0; person < 10; person += 1) {
    front.kit.nextPerson()
    for (let own = 0; own < 5; own += 1) all.push(open())
    await until('they are open', () => opened === all.length, withinMs)
    if (person === 0) expect((await open()).status).toBe(429)
  }
  front.kit.nextPerson()
  expect((await open()).status).toBe(429)
  whileOpen()
  printLast()
  expect(new Set((await Promise.all(all)).map(({ status }) => status))).toEqual(new Set([200]))
}
