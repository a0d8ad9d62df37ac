import { describe, expect, it } from 'vitest'
import {
  byteScale,
  chartLines,
  chartSentence,
  figureAt,
  fullestDisk,
  type HistoryLine,
  isFull,
  momentText,
  numberText,
  shapeOf,
} from './metric-words.ts'

const line = (name: string, ...mean: (number | null)[]): HistoryLine => ({ name, what: 'value', mean, max: mean })
const history = (...lines: HistoryLine[]) => ({ range: '1h' as const, stepSec: 10, at: [0, 10], lines, total: lines.length })

describe('words of metrics', () => {
  it('have as many digits as decide', () => {
    expect([0, 0.123, 2, 3.14, 37.46, 904.4, 20_480].map(numberText)).toEqual(['0', '0.12', '2', '3.1', '37.5', '904', '20480'])
  })
  it('take the unit in which numbers are short', () => {
    expect([[500], [2_048], [5e6], [3e10], [0]].map((values) => byteScale([line('a', ...values)]).unit)).toEqual([
      'B',
      'KiB',
      'MiB',
      'GiB',
      'B',
    ])
  })
  it('keep what is named first, and of the rest the highest four', () => {
    const shape = shapeOf(history(line('/a', 1), line('/b', 9), line('/c', 5), line('/d', 7), line('/', 2)), 'percent', ['/'])
    expect(shape.lines.map(({ name }) => name)).toEqual(['/', '/b', '/d', '/c'])
  })
  it('scale lines and leave gaps', () => {
    const shape = shapeOf(history(line('used', 2 ** 31, null)), 'bytes', [])
    expect([shape.unit, chartLines(shape)]).toEqual(['GiB', [{ label: 'used', values: [2, null] }]])
    expect([figureAt(shape, 0), figureAt(shape, 1)]).toEqual(['2\u00a0GiB', ''])
  })
  it('say a chart as a sentence', () => {
    const shape = shapeOf(history(line('user', 4, 30), line('system', null, null)), 'percent', ['user'])
    expect(chartSentence('CPU', '6h', shape)).toBe('CPU over 6 h in %: user now 30, highest 30; system not measured')
  })
  it('tell a moment with its day where the range is longer than one', () => {
    expect([momentText(86_399, '1h'), momentText(86_399, '24h'), momentText(86_399, '7d')]).toEqual(['23:59:59', '23:59', '01-01 23:59'])
  })
  it('know the fullest disk, as an ordinary account may fill it', () => {
    const disk = (mount: string, usedBytes: number, availableBytes: number) => ({
      mount,
      type: 'ext4',
      totalBytes: 200,
      usedBytes,
      availableBytes,
      inodes: 1,
      inodesUsed: 0,
    })
    const found = fullestDisk({ items: [disk('/', 30, 70), { unknown: '/x: EIO' }, disk('/data', 85, 15)], left: 0 })
    expect([found, isFull(found)]).toEqual([{ mount: '/data', percent: 85, freeBytes: 15 }, true])
    expect([isFull(fullestDisk({ items: [disk('/', 84, 16)], left: 0 })), fullestDisk({ unknown: 'no' })]).toEqual([false, null])
  })
})
