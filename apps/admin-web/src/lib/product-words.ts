/** The products that this console brings, with the short names that lists show. */
export const products = [
  { id: 'bytelyst-devops', label: 'DevOps' },
  { id: 'bytelyst-platform', label: 'Platform' },
] as const

export function productLabel(id: string): string {
  return products.find((product) => product.id === id)?.label ?? id
}
