import { describe, expect, it } from 'vitest'
import { type Span, type ZoomStep, zoomStep } from './zoom-steps.ts'

const all: Span = [1_000, 2_000]
const from = (step: ZoomStep, now: Span, centre = (now[0] + now[1]) / 2) => zoomStep(step, { all, now, centre, least: 60 })

describe('a step of zoom', () => {
  it('halves and doubles around the middle, and all at once is all', () => {
    expect(from('in', all)).toEqual([1_250, 1_750])
    expect(from('out', [1_400, 1_500])).toEqual([1_350, 1_550])
    expect(from('out', [1_250, 1_750])).toBeNull()
    expect(from('all', [1_400, 1_500])).toBeNull()
  })

  it('keeps the moment under the cursor where it is, and stays within what there is', () => {
    expect(from('in', all, 1_200)).toEqual([1_100, 1_600])
    expect(from('in', all, 2_000)).toEqual([1_500, 2_000])
    expect(from('out', [1_000, 1_100])).toEqual([1_000, 1_200])
    expect(from('out', [1_950, 2_000])).toEqual([1_900, 2_000])
  })

  it('goes aside by half of what is in view, up to the end', () => {
    expect(from('earlier', [1_400, 1_600])).toEqual([1_300, 1_500])
    expect(from('later', [1_400, 1_600])).toEqual([1_500, 1_700])
    expect(from('earlier', [1_050, 1_250])).toEqual([1_000, 1_200])
    expect(from('later', [1_800, 2_000])).toEqual([1_800, 2_000])
    expect(from('later', all)).toBeNull()
  })

  it('stops where too little would be left to draw a line', () => {
    expect(from('in', [1_400, 1_480])).toEqual([1_410, 1_470])
    expect(from('in', [1_410, 1_470])).toEqual([1_410, 1_470])
    expect(zoomStep('in', { all: [0, 40], now: [0, 40], centre: 20, least: 60 })).toBeNull()
  })
})
