import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createGather } from './gather.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

it('passes the first on at once, and a flood behind it once in each span, each value once', () => {
  const passed: string[][] = []
  const gather = createGather<string>((values) => passed.push([...values]), 1_000)
  gather.add('container')
  expect(passed).toEqual([['container']])
  for (let at = 0; at < 50; at += 1) {
    gather.add(at % 2 ? 'health' : 'container')
    vi.advanceTimersByTime(10)
  }
  expect(passed).toHaveLength(1)
  vi.advanceTimersByTime(1_000)
  expect(passed).toEqual([['container'], ['container', 'health']])
})

it('passes the next one on at once again when a span went by without any', () => {
  const passed: string[][] = []
  const gather = createGather<string>((values) => passed.push([...values]), 1_000)
  gather.add('a')
  vi.advanceTimersByTime(1_000)
  gather.add('b')
  expect(passed).toEqual([['a'], ['b']])
  expect(vi.getTimerCount()).toBe(1)
})

it('passes nothing more on when it is stopped', () => {
  const passed: string[][] = []
  const gather = createGather<string>((values) => passed.push([...values]), 1_000)
  gather.add('a')
  gather.add('b')
  gather.stop()
  vi.advanceTimersByTime(5_000)
  expect(passed).toEqual([['a']])
})
