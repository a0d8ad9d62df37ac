/**
 * Draws the icons of both dashboards from the strokes below, as SVG and as PNG, into their `src/app` and `public/icons`:
 * `node scripts/draw-icons.ts`. A mark is a set of strokes with round ends on a field of 20 by 20.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { crc32, deflateSync } from 'node:zlib'

type Point = readonly [number, number]
type Mark = { readonly app: string; readonly ground: string; readonly ink: string; readonly strokes: readonly (readonly Point[])[] }
type Shape = {
  /** Radius of the ground's corners, in twentieths of the side; a ground without corners is cut by the system. */
  readonly corner: number
  /** How much of the field the strokes take. A mask leaves the middle 80 % for certain. */
  readonly scale: number
}

const bar = (x: number, from: number, to: number): readonly Point[] => [
  [x, from],
  [x, to],
]
const width = 1.7
export const marks: readonly Mark[] = [
  { app: 'devops-web', ground: '#1d2226', ink: '#f3f6f8', strokes: [bar(5, 7, 13), bar(8.3, 5, 15), bar(11.7, 8, 12), bar(15, 6, 14)] },
  {
    app: 'admin-web',
    ground: '#f3f6f8',
    ink: '#1d2226',
    strokes: [
      [
        [10, 3.4],
        [15.4, 5.4],
        [15.4, 9.6],
        [14.3, 12.8],
        [12.4, 15],
        [10, 16.6],
        [7.6, 15],
        [5.7, 12.8],
        [4.6, 9.6],
        [4.6, 5.4],
        [10, 3.4],
      ],
      bar(10, 7.6, 12),
    ],
  },
]
const rounded: Shape = { corner: 4, scale: 1 }
const whole: Shape = { corner: 0, scale: 0.8 }
/** Which files a dashboard gets, beside the SVG. */
const pictures: readonly (readonly [path: string, side: number, shape: Shape])[] = [
  ['public/icons/icon-192.png', 192, rounded],
  ['public/icons/icon-512.png', 512, rounded],
  ['public/icons/maskable-512.png', 512, whole],
  ['src/app/apple-icon.png', 180, whole],
]

/** All files of the icons, by path below the root. */
export function iconFiles(): Map<string, Buffer> {
  const files = new Map<string, Buffer>()
  for (const mark of marks) {
    files.set(`apps/${mark.app}/src/app/icon.svg`, Buffer.from(svgOf(mark)))
    for (const [path, side, shape] of pictures) files.set(`apps/${mark.app}/${path}`, pngOf(pixelsOf(mark, side, shape), side))
  }
  return files
}

function svgOf({ ground, ink, strokes }: Mark): string {
  const path = strokes.map((points) => `M${points.map((point) => point.join(' ')).join('L')}`).join('')
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 20"><title>Console</title><rect width="20" height="20" rx="4" fill="${ground}"/><path d="${path}" fill="none" stroke="${ink}" stroke-width="${width}" stroke-linecap="round" stroke-linejoin="round"/></svg>\n`
}

/** RGBA, row by row. What covers half of a pixel colours half of it. */
function pixelsOf({ ground, ink, strokes }: Mark, side: number, { corner, scale }: Shape): Buffer {
  const [under, over] = [rgbOf(ground), rgbOf(ink)]
  const segments = strokes.flatMap((points) => points.slice(1).map((end, from) => [points[from] as Point, end] as const))
  const unit = 20 / side
  const share = (distance: number): number => Math.min(1, Math.max(0, 0.5 - distance / unit))
  const pixels = Buffer.alloc(side * side * 4)
  for (let at = 0; at < side * side; at++) {
    const [x, y] = [((at % side) + 0.5) * unit, (Math.floor(at / side) + 0.5) * unit]
    const [fieldX, fieldY] = [10 + (x - 10) / scale, 10 + (y - 10) / scale]
    let nearest = Number.POSITIVE_INFINITY
    for (const [from, to] of segments) nearest = Math.min(nearest, toSegment(fieldX, fieldY, from, to))
    const ofInk = share((nearest - width / 2) * scale)
    for (let channel = 0; channel < 3; channel++)
      pixels[at * 4 + channel] = Math.round((under[channel] ?? 0) * (1 - ofInk) + (over[channel] ?? 0) * ofInk)
    pixels[at * 4 + 3] = Math.round(255 * (corner === 0 ? 1 : share(toRoundedSquare(x, y, corner))))
  }
  return pixels
}

function toSegment(x: number, y: number, [x1, y1]: Point, [x2, y2]: Point): number {
  const [dx, dy] = [x2 - x1, y2 - y1]
  const along = Math.min(1, Math.max(0, ((x - x1) * dx + (y - y1) * dy) / (dx * dx + dy * dy)))
  return Math.sqrt((x - x1 - along * dx) ** 2 + (y - y1 - along * dy) ** 2)
}

/** How far a point lies outside the field with rounded corners; negative inside. */
function toRoundedSquare(x: number, y: number, corner: number): number {
  const [dx, dy] = [Math.abs(x - 10) - 10 + corner, Math.abs(y - 10) - 10 + corner]
  return Math.hypot(Math.max(dx, 0), Math.max(dy, 0)) + Math.min(Math.max(dx, dy), 0) - corner
}

function rgbOf(colour: string): readonly number[] {
  return [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16))
}

/** A PNG of 8 bits a channel with alpha, each row unfiltered. Source of the format: the PNG specification, third edition. */
function pngOf(pixels: Buffer, side: number): Buffer {
  const head = Buffer.alloc(13)
  head.writeUInt32BE(side, 0)
  head.writeUInt32BE(side, 4)
  head.set([8, 6, 0, 0, 0], 8)
  const rows = Array.from({ length: side }, (_, row) =>
    Buffer.concat([Buffer.of(0), pixels.subarray(row * side * 4, (row + 1) * side * 4)]),
  )
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')
  return Buffer.concat([
    signature,
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(Buffer.concat(rows), { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

function chunk(name: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(name, 'latin1'), data])
  const framed = Buffer.alloc(body.length + 8)
  framed.writeUInt32BE(data.length, 0)
  framed.set(body, 4)
  framed.writeUInt32BE(crc32(body), body.length + 4)
  return framed
}

if (import.meta.main) {
  const root = join(import.meta.dirname, '..')
  for (const [path, bytes] of iconFiles()) {
    mkdirSync(join(root, path, '..'), { recursive: true })
    writeFileSync(join(root, path), bytes)
  }
}
