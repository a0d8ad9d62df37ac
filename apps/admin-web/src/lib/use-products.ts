import { useRead } from '@console/console/use-action.ts'
import { listProducts } from '@console/contracts/products/actions'
import { products as builtIn, productLabel } from './product-words.ts'

type Product = { readonly id: string; readonly label: string; readonly plans: readonly string[] }

/** The products that somebody can be let into now, the console's own first; only those until the list is there. */
export function useProducts(): readonly Product[] {
  const { data } = useRead(listProducts, {})
  const own = new Set<string>(builtIn.map(({ id }) => id))
  const listed = data?.items ?? []
  const plansOf = (id: string): readonly string[] => listed.find((product) => product.id === id)?.plans ?? []
  const others = listed.filter(({ id, status }) => status === 'active' && !own.has(id))
  return [
    ...builtIn.map(({ id, label }) => ({ id, label, plans: plansOf(id) })),
    ...others.map(({ id, name, plans }) => ({ id, label: name || productLabel(id), plans })),
  ]
}
