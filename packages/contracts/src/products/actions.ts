import { z } from 'zod'
import { defineAction } from '../action.ts'
import { ProductId } from '../people/schemas.ts'
import { pageOf } from '../shapes.ts'
import { NewProduct, Product, ProductInput } from './schemas.ts'

const at = { api: 'platform', auth: 'session' } as const
const params = z.strictObject({ id: ProductId })
const kept = {
  name: 'keep',
  apiPath: 'keep',
  service: 'keep',
  url: 'keep',
  status: 'keep',
  plans: 'keep',
  defaultRole: 'keep',
  owners: 'keep',
} as const
const refusals = ['PRODUCT_PATH_TAKEN', 'PRODUCT_SERVICE_TAKEN', 'USER_NOT_FOUND', 'AUTH_STEP_UP_REQUIRED'] as const

export const listProducts = defineAction({
  ...at,
  id: 'products.product.list',
  method: 'GET',
  path: '/products',
  risk: 'read',
  role: 'viewer',
  summary: 'List products.',
  success: { status: 200, body: pageOf(Product) },
  errors: [],
})

export const getProduct = defineAction({
  ...at,
  id: 'products.product.get',
  method: 'GET',
  path: '/products/:id',
  risk: 'read',
  role: 'viewer',
  summary: 'Read one product.',
  params,
  success: { status: 200, body: Product, etag: true },
  errors: ['PRODUCT_NOT_FOUND'],
})

export const createProduct = defineAction({
  ...at,
  id: 'products.product.create',
  method: 'POST',
  path: '/products',
  risk: 'change',
  role: 'admin',
  summary: 'Enter a product, so that people can get access to it.',
  body: NewProduct,
  success: { status: 201, body: Product, etag: true },
  errors: ['PRODUCT_EXISTS', ...refusals],
  audit: { target: { body: 'id' }, fields: { id: 'keep', ...kept } },
})

export const updateProduct = defineAction({
  ...at,
  id: 'products.product.update',
  method: 'PUT',
  path: '/products/:id',
  risk: 'change',
  role: 'admin',
  ifMatch: true,
  summary: 'Change a product, retire it, or bring it back.',
  params,
  body: ProductInput,
  success: { status: 200, body: Product, etag: true },
  errors: ['PRODUCT_NOT_FOUND', 'PRODUCT_FIXED', 'PRODUCT_PLAN_USED', ...refusals],
  audit: { target: { param: 'id' }, fields: kept, facts: ['before'] },
})
