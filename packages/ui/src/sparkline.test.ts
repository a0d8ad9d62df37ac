import type { ReactElement } from 'react'
import { describe, expect, it } from 'vitest'
import { Sparkline } from './sparkline.tsx'

type Element = ReactElement<Readonly<Record<string, unknown>> & { readonly points: string; readonly vectorEffect: string }>
const drawn = (values: readonly (number | null)[], mark?: number) => {
  const svg = Sparkline({ values, label: 'A line', ...(mark !== undefined && { mark }) }) as Element
  const { children, ...box } = svg.props
  return { tag: svg.type, box, parts: (children as (Element | Element[] | false)[]).flat().filter((part) => part !== false) }
}
const linesOf = ({ parts }: ReturnType<typeof drawn>): (readonly [number, number])[][] =>
  parts.map(({ props }) => props.points.split(' ').map((point) => point.split(',').map(Number) as unknown as readonly [number, number]))

describe('a sparkline', () => {
  it('is polylines in a box of 100 by 100 that is stretched, with a stroke that is not, and nothing else', () => {
    const { tag, box, parts } = drawn([1, 2, 3], 2)
    expect([tag, box]).toEqual([
      'svg',
      { className: 'spark', viewBox: '0 0 100 100', preserveAspectRatio: 'none', role: 'img', 'aria-label': 'A line' },
    ])
    expect(parts.map(({ type, props }) => [type, props.vectorEffect])).toEqual([
      ['polyline', 'non-scaling-stroke'],
      ['polyline', 'non-scaling-stroke'],
    ])
  })

  it('goes from edge to edge in equal steps, up for more, and never out of its box', () => {
    const [line = []] = linesOf(drawn([0, 5, 10, 5, 0]))
    expect(line.map(([x]) => x)).toEqual([0, 25, 50, 75, 100])
    expect(line.map(([, y]) => y)).toEqual([96, 50, 4, 50, 96])
    for (const values of [[0, 0, 0], [1e9, 1, 0], [3], Array.from({ length: 24 }, (_, at) => at * at)])
      for (const [x, y] of linesOf(drawn(values, 30)).flat()) expect([x >= 0 && x <= 100, y >= 0 && y <= 100]).toEqual([true, true])
  })

  it('leaves a gap where a value is not known, and draws no line of one value', () => {
    const lines = linesOf(drawn([1, 2, null, 3, 4, null, 5]))
    expect(lines.map((line) => line.map(([x]) => x))).toEqual([
      [0, 16.67],
      [50, 66.67],
    ])
    expect(linesOf(drawn([null, null]))).toEqual([])
    expect(linesOf(drawn([7]))).toEqual([])
  })

  it('draws its mark across at its own height, and leaves room for it', () => {
    const [mark = [], line = []] = linesOf(drawn([15, 45], 30))
    expect(mark.map(([x]) => x)).toEqual([0, 100])
    expect(mark[0]?.[1]).toBe(mark[1]?.[1])
    expect([(line[0]?.[1] ?? 0) > (mark[0]?.[1] ?? 0), (line[1]?.[1] ?? 0) < (mark[0]?.[1] ?? 0)]).toEqual([true, true])
    expect(linesOf(drawn([0, 1], 30))[0]?.[0]?.[1]).toBeGreaterThan(4)
  })
})
