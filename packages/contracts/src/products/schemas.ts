import { z } from 'zod'
import { Plan, ProductId } from '../people/schemas.ts'
import { Id, Instant, Role } from '../shapes.ts'

/**
 * Path of a product's API on the shared host. Browsers send its cookie to all that lies below it, so it is written one way only: lower case,
 * no dots, no slash at its end.
 */
export const ApiPath = z
  .string()
  .max(120)
  .regex(/^(\/[a-z0-9][a-z0-9_-]*){1,6}$/, 'starts with a slash; lower-case letters, digits, - and _ between slashes; none at its end')
/** The name of a program as its service token carries it. */
export const ProductService = z.string().regex(/^[a-z][a-z-]{1,40}$/, 'lower-case letters and -, 2 to 41 of them')
export const ProductUrl = z.url({ protocol: /^https?$/ }).max(300)
export const ProductStatus = z.enum(['active', 'retired'])

const editable = {
  name: z.string().trim().min(1).max(80),
  apiPath: ApiPath.nullable(),
  service: ProductService.nullable(),
  url: ProductUrl.nullable(),
  status: ProductStatus,
  plans: z.array(Plan).min(1).max(20),
  defaultRole: Role,
  /** Ids of people. */
  owners: z.array(Id).max(20),
}
export const ProductInput = z.strictObject(editable)
export type ProductInput = z.infer<typeof ProductInput>
export const NewProduct = z.strictObject({ id: ProductId, ...editable })
export type NewProduct = z.infer<typeof NewProduct>

/** A product as the admin pages show it. `people` and `admins` count memberships that have not ended. */
export const Product = z.strictObject({
  ...editable,
  id: ProductId,
  name: z.string(),
  apiPath: z.string().nullable(),
  service: z.string().nullable(),
  url: z.string().nullable(),
  plans: z.array(z.string()),
  owners: z.array(z.strictObject({ id: Id, name: z.string() })),
  /** One of the console's own: it can neither be retired nor moved. */
  builtIn: z.boolean(),
  people: z.int(),
  admins: z.int(),
  /** When its program last asked who somebody is, since the start of this service; null where it has not. */
  lastAskedAt: Instant.nullable(),
  createdAt: Instant.nullable(),
  etag: z.string(),
})
export type Product = z.infer<typeof Product>
