import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs'
import { isAbsolute, resolve } from 'node:path'
import { parseStrictJson } from '@console/verbs/json-strict'

/** One agent on this host, as the configuration names it. */
export type Instance = {
  readonly id: string
  readonly label: string
  readonly user: string
  /** Null for `.hermes` in the home of its user. */
  readonly home: string | null
  readonly unit: string
  readonly scope: 'user' | 'system'
  readonly backupRepo: string | null
  /** On this host's loopback; asked whether it answers. */
  readonly healthUrl: string | null
  /** Whether admins may read what it remembers, and what it knows of its person. */
  readonly memoryBodies: boolean
}

const most = 50

/** Without a file: the agent's own account, and `uma`. @throws Error, one line a problem */
export function readInstances(
  path: string | undefined,
  { uid, user }: { readonly uid: number; readonly user: string },
): readonly Instance[] {
  if (path === undefined) return [defaults({ id: 'vm', user }), defaults({ id: 'uma', user: 'uma' })]
  const said = (why: string): Error => new Error(`HERMES_INSTANCES: ${why}`)
  const value = parsed(path, uid, said)
  if (!Array.isArray(value) || value.length > most) throw said(`${path} must hold a list of at most ${most} instances`)
  const problems: string[] = []
  const instances = value.map((entry, at) => instanceOf(entry, (why) => problems.push(`entry ${at + 1}: ${why}`)))
  const twice = instances.find(({ id }, at) => instances.findIndex((other) => other.id === id) !== at)
  if (twice) problems.push(`two instances are called ${twice.id}`)
  if (problems.length > 0) throw new Error(problems.map((problem) => said(problem).message).join('\n'))
  return instances
}

function parsed(path: string, uid: number, said: (why: string) => Error): unknown {
  if (!isAbsolute(path)) throw said('must be an absolute path')
  let fd: number
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (error) {
    throw said(`${path} cannot be opened: ${(error as NodeJS.ErrnoException).code}`)
  }
  try {
    const info = fstatSync(fd)
    if (!info.isFile() || info.size > 65_536) throw said(`${path} must be an ordinary file of at most 64 KiB`)
    if (info.uid !== 0 && info.uid !== uid) throw said(`${path} must belong to root or to the agent's account`)
    if ((info.mode & 0o022) !== 0) throw said(`${path} may be written by others than its owner`)
    return parseStrictJson(readFileSync(fd, 'utf8'))
  } catch (error) {
    throw (error as Error).message.startsWith('HERMES_INSTANCES') ? error : said(`${path} holds no JSON: ${(error as Error).message}`)
  } finally {
    closeSync(fd)
  }
}

type Rule = { readonly is: (value: unknown) => boolean; readonly words: string }
const text = (words: string, fits: (value: string) => boolean): Rule => ({ is: (value) => typeof value === 'string' && fits(value), words })
const path = text('an absolute path in its shortest form', (value) => isAbsolute(value) && resolve(value) === value && value !== '/')
const rules: Readonly<Record<keyof Instance, Rule>> = {
  id: text('lower-case letters, digits and dashes', (value) => /^[a-z][a-z0-9-]{0,31}$/.test(value)),
  label: text('at most 40 characters', (value) => /^[^\p{Cc}\p{Cf}]{1,40}$/u.test(value)),
  user: text('the name of an account', (value) => /^[a-z_][a-z0-9_-]{0,31}$/.test(value)),
  home: path,
  unit: text('the name of a unit that ends in .service', (value) => /^[a-zA-Z0-9][a-zA-Z0-9@_.-]{0,100}\.service$/.test(value)),
  scope: text('user or system', (value) => value === 'user' || value === 'system'),
  backupRepo: path,
  healthUrl: text('an address on loopback', (value) => /^http:\/\/(127\.0\.0\.1|\[::1\]):[0-9]{1,5}\/[a-z0-9/_-]{0,100}$/.test(value)),
  memoryBodies: { is: (value) => typeof value === 'boolean', words: 'true or false' },
}

function instanceOf(entry: unknown, wrong: (why: string) => void): Instance {
  const given = (typeof entry === 'object' && entry !== null && !Array.isArray(entry) ? entry : {}) as Record<string, unknown>
  for (const name of Object.keys(given)) if (!Object.hasOwn(rules, name)) wrong(`there is no field ${name.slice(0, 40)}`)
  for (const name of ['id', 'user', 'home']) if (given[name] === undefined) wrong(`${name} is missing`)
  for (const [name, { is, words }] of Object.entries(rules)) {
    const value = given[name]
    if (value !== undefined && !is(value)) wrong(`${name} must be ${words}`)
  }
  return defaults(given as { id: string; user: string })
}

function defaults(given: Partial<Instance> & { readonly id: string; readonly user: string }): Instance {
  const usual = { label: given.id, home: null, unit: 'hermes-gateway.service', scope: 'user' } as const
  const off = { backupRepo: null, healthUrl: null, memoryBodies: false }
  return { ...usual, ...off, ...given }
}
