import { randomBytes } from 'node:crypto'
import { AppError } from '@console/http-kit/problem'
import { hash, type Options, parseOptions, verify } from '@node-rs/argon2'

/** Cost of one hash: memory in KiB, passes, lanes. */
export type Cost = { readonly memoryKiB: number; readonly passes: number; readonly lanes: number }
/** Three times OWASP's floor of memory; about a tenth of a second. */
export const fullCost: Cost = { memoryKiB: 65_536, passes: 3, lanes: 1 }

export type Passwords = {
  /** A PHC string; the password is brought to NFKC here, once. */
  hash(password: string): Promise<string>
  /** `null` stands for an account that does not exist: it costs one verification, and is never right. */
  verify(stored: string | null, password: string): Promise<boolean>
  /** Whether a stored hash was made at less than today's cost. */
  isWeaker(stored: string): boolean
}

/**
 * argon2id with a bounded number of hashes at once; others wait in line, and beyond `waiting` are refused with 429.
 * The hashes run on the threads that also write files, so one of those four is always left free.
 */
export function createPasswords({
  cost = fullCost,
  atOnce = 3,
  waiting = 200,
}: {
  readonly cost?: Cost
  readonly atOnce?: number
  readonly waiting?: number
} = {}): Passwords {
  const turn = createLine(atOnce, waiting)
  // Algorithm 2 is argon2id; the enum is a type only.
  const options: Options = { algorithm: 2, memoryCost: cost.memoryKiB, timeCost: cost.passes, parallelism: cost.lanes }
  // Of no password: what a verification takes does not depend on whether there is one.
  const unpadded = (bytes: number) => randomBytes(bytes).toString('base64').replace(/=+$/, '')
  const nobody = `$argon2id$v=19$m=${cost.memoryKiB},t=${cost.passes},p=${cost.lanes}$${unpadded(16)}$${unpadded(32)}`
  return {
    hash: (password) => turn(() => hash(password.normalize('NFKC'), options)),
    verify: async (stored, password) => {
      const right = await turn(() => verify(stored ?? nobody, password.normalize('NFKC')))
      return right && stored !== null
    },
    isWeaker: (stored) => {
      const { memoryCost, timeCost } = parseOptions(stored)
      return memoryCost < cost.memoryKiB || timeCost < cost.passes
    },
  }
}

function createLine(atOnce: number, waiting: number): <R>(work: () => Promise<R>) => Promise<R> {
  const line: (() => void)[] = []
  let running = 0
  return async (work) => {
    if (running >= atOnce) {
      if (line.length >= waiting)
        throw new AppError('RATE_LIMITED', 429, 'Too many sign-ins at once. Try again in a few seconds.', {
          headers: { 'retry-after': '5' },
        })
      await new Promise<void>((resolve) => line.push(resolve))
    } else running += 1
    try {
      return await work()
    } finally {
      const next = line.shift()
      if (next) next()
      else running -= 1
    }
  }
}
