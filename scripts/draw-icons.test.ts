import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { inflateSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { iconFiles } from './draw-icons.ts'

const root = join(import.meta.dirname, '..')
const files = iconFiles()

test('the icons in the dashboards are those that the script draws', () => {
  expect(files.size).toBe(10)
  for (const [path, drawn] of files) {
    const kept = readFileSync(join(root, path))
    const [expected, found] = path.endsWith('.png') ? [pixels(drawn), pixels(kept)] : [drawn, kept]
    expect([path, found.equals(expected)]).toEqual([path, true])
  }
})

test('what a mask may cut away holds no stroke, and an icon that is not cut has clear corners', () => {
  const side = 512
  const maskable = pixels(files.get('apps/admin-web/public/icons/maskable-512.png') as Buffer)
  const at = (bytes: Buffer, x: number, y: number) => [...bytes.subarray(y * (side * 4 + 1) + 1 + x * 4).subarray(0, 4)]
  for (let turn = 0; turn < 360; turn++) {
    const [x, y] = [Math.cos, Math.sin].map((of) => Math.round(side / 2 + side * 0.4 * of((turn * Math.PI) / 180))) as [number, number]
    expect([turn, at(maskable, x, y)]).toEqual([turn, [0xf3, 0xf6, 0xf8, 255]])
  }
  expect(at(pixels(files.get('apps/devops-web/public/icons/icon-512.png') as Buffer), 0, 0)[3]).toBe(0)
})

/** The rows of a PNG with one IDAT, each behind its filter byte. */
function pixels(png: Buffer): Buffer {
  const at = png.indexOf('IDAT')
  return inflateSync(png.subarray(at + 4, at + 4 + png.readUInt32BE(at - 4)))
}
