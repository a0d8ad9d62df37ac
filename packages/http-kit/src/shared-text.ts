import { constants, crc32, deflateRawSync } from 'node:zlib'

/**
 * Text of a stream that several readers get: written once, and compressed once however many of them take gzip. `deflated` is whole blocks
 * of DEFLATE (RFC 1951) that end on a byte and look back at nothing before them, so that they may follow anything.
 */
export type SharedText = { readonly bytes: Buffer; readonly deflated: Buffer; readonly check: Checksum }
/** The CRC-32 of some bytes and, for {@link joined}, what moves another checksum over so many bytes. */
export type Checksum = { readonly crc: number; readonly length: number; readonly shift: number }

/** Below this a block of plain bytes is as good, and costs nothing. */
const worthBytes = 400
const mostStored = 65_535

/** @param text what is sent; it is compressed when the first reader wants it so */
export function sharedText(text: string): SharedText {
  const bytes = Buffer.from(text)
  let deflated: Buffer | null = null
  let check: Checksum | null = null
  return {
    bytes,
    get deflated() {
      deflated ??= bytes.length < worthBytes ? stored(bytes) : deflateRawSync(bytes, { level: 1, finishFlush: constants.Z_SYNC_FLUSH })
      return deflated
    },
    get check() {
      check ??= { crc: crc32(bytes), length: bytes.length, shift: shiftOver(bytes.length) }
      return check
    },
  }
}

/** The checksum of two texts one after the other, from the checksum of each: the length of neither counts. */
export function joined(before: number, { crc, shift }: Checksum): number {
  return (times(shift, before) ^ crc) >>> 0
}

/** A block of bytes as they are (RFC 1951, 3.2.4). */
function stored(bytes: Buffer): Buffer {
  if (bytes.length > mostStored) throw new RangeError('too long for one stored block')
  const head = Buffer.alloc(5)
  head.writeUInt16LE(bytes.length, 1)
  head.writeUInt16LE(bytes.length ^ 0xffff, 3)
  return Buffer.concat([head, bytes])
}

const polynomial = 0xedb88320
/** x^(2^n) modulo the polynomial of CRC-32, reflected; n from 0. */
const powers: number[] = [0x40000000]
for (let n = 1; n < 32; n += 1) powers.push(times(powers[n - 1] ?? 0, powers[n - 1] ?? 0))

/** a · b modulo the polynomial, in the reflected form of CRC-32, as in `crc32_combine` of zlib. */
function times(a: number, b: number): number {
  let product = 0
  let factor = b
  for (let bit = 0x80000000; bit !== 0; bit >>>= 1) {
    if ((a & bit) !== 0) product ^= factor
    factor = factor & 1 ? (factor >>> 1) ^ polynomial : factor >>> 1
  }
  return product >>> 0
}

/** What a checksum is multiplied by to move it over so many bytes: x^(8 · length). */
function shiftOver(length: number): number {
  let shift = 0x80000000
  let power = 3
  for (let rest = length; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) shift = times(powers[power & 31] ?? 0, shift)
    power += 1
  }
  return shift >>> 0
}
