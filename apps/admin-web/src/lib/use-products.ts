import { useRead } from '@console/console/use-action.ts'
import { listProducts } from '@console/contracts/products/actions'
import { products as builtIn, productLabel } from './product-words.ts'

/** The products that somebody can be let into now, the console's own first; only those until the list is there. */
export function useProducts(): readonly { readonly id: string; readonly label: string }[] {
  const { data } = useRead(listProducts, {})
  const own = new Set<string>(builtIn.map(({ id }) => id))
  const others = (data?.items ?? []).filter(({ id, status }) => status === 'active' && !own.has(id))
  return [...builtIn, ...others.map(({ id, name }) => ({ id, label: name || productLabel(id) }))]
}
