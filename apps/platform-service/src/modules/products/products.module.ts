import * as products from '@console/contracts/products/actions'
import { type BoundAction, bind } from '@console/http-kit/bind'
import { createProduct, getProduct, listProducts, type ProductDeps, updateProduct } from './products.ts'

export const bindProducts = (deps: ProductDeps): BoundAction[] => [
  bind(products.listProducts, () => ({ items: listProducts(deps), nextCursor: null })),
  bind(products.getProduct, ({ params }) => getProduct(deps, params.id)),
  bind(products.createProduct, ({ ctx, body }) => createProduct(deps, ctx, body)),
  bind(products.updateProduct, ({ ctx, params, body }) => updateProduct(deps, ctx, params.id, body)),
]
