/** The part of a syntax tree that is looked at here. */
type Path = {
  readonly node: { readonly type: string }
  readonly parent: { readonly type: string; readonly callee?: Callee; readonly arguments?: readonly unknown[] } | null
  readonly key: string | number | null
  readonly listKey?: string
}
type Callee = { readonly type: string; readonly name?: string; readonly property?: { readonly name?: string } }

const texts = new Set(['StringLiteral', 'TemplateLiteral'])
/** Where words for people stand: the third argument of our errors, the only one of others, all of a log. */
const wordsOf: Readonly<Record<string, (at: number) => boolean>> = {
  AppError: (at) => at === 2,
  DaemonError: (at) => at === 2,
  Error: (at) => at === 0,
  TypeError: (at) => at === 0,
  log: () => true,
}

/** Stryker's plugin of the name `wording`: how a message is put is no guard, so it is not changed. Codes, statuses and fields are. */
export const strykerPlugins = [
  {
    kind: 'Ignore',
    name: 'wording',
    value: {
      shouldIgnore({ node, parent, key, listKey }: Path): string | undefined {
        if (!texts.has(node.type) || listKey !== 'arguments' || typeof key !== 'number' || !parent?.callee) return undefined
        const name = parent.callee.name ?? parent.callee.property?.name ?? ''
        return wordsOf[name]?.(key) ? 'the wording of a message' : undefined
      },
    },
  },
]
