import { ImportRow } from '@console/contracts/people/exchange'

export type LegacyDoc = Readonly<Record<string, unknown>>
/** What keeps a document, or a part of it, from being taken: the field and the rule that it breaks. */
type LegacyRefusal = {
  readonly container: 'users' | 'memberships'
  readonly id: string
  readonly field: string
  readonly rule: string
}
type Translated = {
  readonly rows: readonly ImportRow[]
  readonly refusals: readonly LegacyRefusal[]
  /** Fields that hold something else, each once with its container. */
  readonly leftOut: readonly string[]
}
/** What is taken of each; of everything else nothing is known, and passwords are never taken. */
const takenOf = {
  users: ['id', 'email', 'name', 'memberships'],
  memberships: ['id', 'userId', 'productId', 'role', 'plan', 'expiresAt'],
} as const
/** The store's own, and how it parts documents. */
const ofStore = /^(_.*|pk|partitionKey)$/

/**
 * People of an older console as rows of an import. A user has `id`, `email` and `name`; memberships have `userId`, `productId`, `role` and, where there are
 * such, `plan` and `expiresAt`, in a container of their own or as a list of the user. Each is judged as the import judges it.
 */
export function translateLegacy(users: readonly LegacyDoc[], memberships: readonly LegacyDoc[]): Translated {
  const refusals: LegacyRefusal[] = []
  const refuse = (container: LegacyRefusal['container'], doc: LegacyDoc, [field, rule]: readonly [string, string]): void =>
    void refusals.push({ container, id: idOf(doc), field, rule })
  const known = new Set(users.map(idOf))
  const byUser = new Map<string, LegacyDoc[]>()
  for (const one of memberships) {
    const userId = typeof one.userId === 'string' ? one.userId : ''
    if (!known.has(userId)) refuse('memberships', one, ['userId', userId === '' ? 'is missing' : 'names no user'])
    else byUser.set(userId, [...(byUser.get(userId) ?? []), one])
  }
  const rows: ImportRow[] = []
  const seen = new Set<string>()
  for (const user of users) {
    const own = Array.isArray(user.memberships) ? (user.memberships as LegacyDoc[]) : []
    const read = readUser(user, [...own, ...(byUser.get(idOf(user)) ?? [])])
    const why = 'why' in read ? read.why : seen.has(read.row.email) ? (['email', 'an earlier user has it'] as const) : null
    if (why) refuse('users', user, why)
    else if ('row' in read) {
      seen.add(read.row.email)
      rows.push(read.row)
    }
  }
  return { rows, refusals, leftOut: [...strayIn('users', users), ...strayIn('memberships', memberships)] }
}

function readUser(user: LegacyDoc, memberships: readonly LegacyDoc[]): { row: ImportRow } | { why: readonly [string, string] } {
  const { success, data, error } = ImportRow.safeParse({
    email: user.email,
    name: user.name === undefined || user.name === '' ? null : user.name,
    memberships: memberships.map(({ productId, role, plan, expiresAt }) => ({
      ...{ productId, role },
      ...(plan !== undefined && plan !== null && { plan }),
      ...(expiresAt !== undefined && { expiresAt }),
    })),
  })
  if (!success) {
    const [issue] = error.issues
    return { why: [issue?.path.join('.') ?? '', issue?.message ?? ''] }
  }
  const products = data.memberships.map(({ productId }) => productId)
  return new Set(products).size === products.length ? { row: data } : { why: ['memberships', 'names a product twice'] }
}

const idOf = ({ id }: LegacyDoc): string => (typeof id === 'string' ? id.slice(0, 100) : '')

function strayIn(container: keyof typeof takenOf, docs: readonly LegacyDoc[]): string[] {
  const taken: readonly string[] = takenOf[container]
  const names = new Set(docs.flatMap((doc) => Object.keys(doc)))
  return [...names].filter((name) => !taken.includes(name) && !ofStore.test(name)).map((name) => `${container}.${name.slice(0, 60)}`)
}
