import { describe, expect, test } from 'vitest'
import { grownParts, leastOf, type Size, type SizeRow } from './part-sizes.ts'
import { numbered } from './viewers.ts'

const row = (size: Size): SizeRow => new Map([['part', size]])
const rowsOf = (size: (minute: number) => Size) => Array.from({ length: 45 }, (_, minute) => row(size(minute)))

describe('what a soak judges', () => {
  test('a heap that breathes has not grown; one that gets half a megabyte more a minute has', () => {
    const breath = (minute: number) => (minute % 7) * 3
    expect(grownParts(rowsOf((minute) => ({ memoryMiB: 100 + breath(minute), descriptors: 40 + (minute % 5) })))).toEqual([])
    const leaking = rowsOf((minute) => ({ memoryMiB: 100 + breath(minute) + minute / 2, descriptors: 40 }))
    expect(grownParts(leaking)).toEqual([expect.stringMatching(/^part: MiB 2[0-9]\.\d from/)])
  })

  test('a cleared heap that holds a megabyte more in six minutes is a leak, however steady the whole is; one of what is remembered is none', () => {
    const held = (each: number) => rowsOf((minute) => ({ memoryMiB: 100, descriptors: 40, heldMiB: 12 + (minute % 3) / 2 + minute / each }))
    expect(grownParts(held(6))).toEqual([expect.stringMatching(/^part: MiB after clearing 7\.\d from 12/)])
    expect(grownParts(held(30))).toEqual([])
  })

  test('a descriptor in four minutes is a leak', () => {
    expect(grownParts(rowsOf((minute) => ({ memoryMiB: 100, descriptors: 40 + Math.floor(minute / 4) })))).toHaveLength(1)
  })

  test('a row holds the least of its readings', () => {
    const [high, low] = [row({ memoryMiB: 9, descriptors: 1 }), row({ memoryMiB: 7, descriptors: 2 })]
    expect(leastOf(leastOf(new Map(), high), low).get('part')).toEqual({ memoryMiB: 7, descriptors: 1 })
  })

  test('a line that is lost, one that comes twice and a life that begins in its middle are told', () => {
    const told = (...lines: string[]) => lines.flatMap(numbered('box')).length
    expect(told('soak 1.5 7', 'soak 1.5 8', 'soak 2.5 1', 'soak 2.5 2')).toBe(0)
    expect(told('soak 1.5 7', 'soak 1.5 9')).toBe(1)
    expect(told('soak 1.5 7', 'soak 1.5 7')).toBe(1)
    expect(told('soak 1.5 7', 'soak 2.5 2')).toBe(1)
    expect(told('something else')).toBe(1)
  })
})
