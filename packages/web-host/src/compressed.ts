import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import { isCompressible } from './content-types.ts'
import type { SiteFile } from './site-files.ts'

export type Encoding = 'br' | 'gzip' | 'identity'

export type Compressor = {
  /** The file in this encoding, kept after the first time. `undefined` where it would not be smaller. */
  readonly get: (file: SiteFile, encoding: Exclude<Encoding, 'identity'>) => Promise<Buffer | undefined>
}

/**
 * Compresses a file when it is first asked for, quickly, off the main thread; and after that once more, as small as it gets, one file at a time:
 * so neither the start nor the first visitor waits for the slow pass.
 */
export function createCompressor(): Compressor {
  const kept = new Map<string, Promise<Buffer | undefined>>()
  let slow: Promise<unknown> = Promise.resolve()

  async function first(key: string, file: SiteFile, encoding: 'br' | 'gzip'): Promise<Buffer | undefined> {
    const quick = smaller(file, await (encoding === 'br' ? brotli(file.bytes, brotliOptions(5, file)) : gzipped(file.bytes, { level: 6 })))
    slow = slow.then(() => better(key, file, encoding, quick)).catch(() => undefined)
    return quick
  }

  async function better(key: string, file: SiteFile, encoding: 'br' | 'gzip', quick: Buffer | undefined): Promise<void> {
    if (quick === undefined) return
    const small = encoding === 'br' ? await brotli(file.bytes, brotliOptions(11, file)) : await gzipped(file.bytes, { level: 9 })
    if (small.length < quick.length) kept.set(key, Promise.resolve(small))
  }

  return {
    get: (file, encoding) => {
      if (!isCompressible(file.type) || file.bytes.length < leastBytes) return Promise.resolve(undefined)
      const key = `${encoding} ${file.etag}`
      const known = kept.get(key) ?? first(key, file, encoding)
      kept.set(key, known)
      return known
    },
  }
}

/** The best encoding that the client takes; `q=0` refuses one, `*` stands for those not named. */
export function chooseEncoding(header: string | undefined): Encoding {
  const weights = new Map<string, number>()
  for (const part of (header ?? '').toLowerCase().split(',')) {
    const [name = '', ...parameters] = part.split(';').map((text) => text.trim())
    const weight = Number(parameters.find((text) => text.startsWith('q='))?.slice(2) ?? 1)
    if (name !== '') weights.set(name, Number.isNaN(weight) ? 0 : weight)
  }
  const takes = (name: string) => (weights.get(name) ?? weights.get('*') ?? 0) > 0
  if (takes('br')) return 'br'
  return takes('gzip') ? 'gzip' : 'identity'
}

/** Below this a header or two cost more than is saved. */
const leastBytes = 600
const brotli = promisify(brotliCompress)
const gzipped = promisify(gzip)

function smaller(file: SiteFile, bytes: Buffer): Buffer | undefined {
  return bytes.length < file.bytes.length ? bytes : undefined
}

function brotliOptions(quality: number, file: SiteFile) {
  const text = file.type.startsWith('text/') ? constants.BROTLI_MODE_TEXT : constants.BROTLI_MODE_GENERIC
  return {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: quality,
      [constants.BROTLI_PARAM_MODE]: text,
      [constants.BROTLI_PARAM_SIZE_HINT]: file.bytes.length,
    },
  }
}
