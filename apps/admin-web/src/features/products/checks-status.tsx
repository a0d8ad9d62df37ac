import type { Product } from '@console/contracts/products/schemas'
import { Status, type StatusKind } from '@console/ui/status.tsx'

/** Whether the product asks who somebody is; one that serves no API has nothing to ask. */
export function checksOf({ status, lastAskedAt, service, id }: Product): { readonly kind: StatusKind; readonly says: string } {
  if (status === 'retired') return { kind: 'stopped', says: 'retired' }
  if (id === 'bytelyst-platform') return { kind: 'ok', says: 'this service' }
  if (service === null) return { kind: 'rest', says: 'no API' }
  return lastAskedAt === null ? { kind: 'unknown', says: 'not asked yet' } : { kind: 'ok', says: 'asks' }
}

export function ChecksStatus({ product }: { readonly product: Product }) {
  const { kind, says } = checksOf(product)
  return <Status kind={kind}>{says}</Status>
}
