import { listPlatformAuditRows } from '@console/contracts/audit/actions'
import { listMemberships } from '@console/contracts/memberships/actions'
import { getUser, listUsers } from '@console/contracts/people/actions'
import { listUserFactors } from '@console/contracts/people/factor-actions'
import { getProduct, listProducts } from '@console/contracts/products/actions'
import { listSessions } from '@console/contracts/sessions/actions'

/** What is asked for anew once something was done about a person. */
export const personReads = [
  listUsers,
  getUser,
  listUserFactors,
  listMemberships,
  listSessions,
  listProducts,
  getProduct,
  listPlatformAuditRows,
] as const
