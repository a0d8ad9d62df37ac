/** The part of a syntax tree that is looked at here. */
type Node = { readonly type: string; readonly value?: unknown; readonly quasis?: readonly { readonly value: { readonly raw: string } }[] }
type Path = { readonly node: Node; readonly parent: (Node & { readonly callee?: Callee }) | null; readonly listKey?: string }
type Callee = { readonly name?: string; readonly property?: { readonly name?: string } }

/** Calls among whose arguments words for people stand: errors, refusals, the log. */
const callsWithWords = new Set([
  'AppError',
  'DaemonError',
  'Error',
  'TypeError',
  'JsonRefused',
  'refuse',
  'refuseIf',
  'no',
  'bad',
  'nonsense',
  'log',
  'alarm',
])

/** Stryker's plugin of the name `wording`: how a message is put is no guard, so it is not changed. Codes, statuses and fields are. */
export const strykerPlugins = [
  {
    kind: 'Ignore',
    name: 'wording',
    value: {
      shouldIgnore({ node, parent, listKey }: Path): string | undefined {
        if (!isSentence(node) || !parent) return undefined
        const said = listKey === 'arguments' && callsWithWords.has(parent.callee?.name ?? parent.callee?.property?.name ?? '')
        const told = parent.type === 'ReturnStatement' || (parent.type === 'ConditionalExpression' && !said)
        return said || told ? 'the wording of a message' : undefined
      },
    },
  },
]

/** Several words. */
function isSentence({ type, value, quasis = [] }: Node): boolean {
  const text = type === 'StringLiteral' ? String(value) : type === 'TemplateLiteral' ? quasis.map((part) => part.value.raw).join('x') : ''
  return /[a-z] ?.* .*[a-z]/i.test(text)
}
