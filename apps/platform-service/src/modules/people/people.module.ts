import * as passwords from '@console/contracts/passwords/actions'
import * as people from '@console/contracts/people/actions'
import { exportUsers as exportAction, importUsers as importAction } from '@console/contracts/people/exchange-actions'
import * as factors from '@console/contracts/people/factor-actions'
import * as sessions from '@console/contracts/sessions/actions'
import { type BoundAction, bind } from '@console/http-kit/bind'
import { type BulkDeps, changeUsers } from './change-many.ts'
import { exportUsers } from './export-people.ts'
import { type ImportDeps, importUsers } from './import-people.ts'
import {
  disableUser,
  enableUser,
  endUserSessions,
  getUser,
  listUserFactors,
  listUsers,
  removeMembership,
  removeUser,
  resetUserFactors,
  setMembership,
} from './people.ts'
import { requireReset } from './require-reset.ts'

export const bindPeople = (deps: BulkDeps & ImportDeps): BoundAction[] => [
  bind(people.listUsers, ({ query }) => listUsers(deps, query)),
  bind(people.getUser, ({ params }) => getUser(deps, params.id)),
  bind(people.disableUser, ({ ctx, params, body }) => disableUser(deps, ctx, params.id, body)),
  bind(people.enableUser, ({ ctx, params }) => enableUser(deps, ctx, params.id)),
  bind(people.removeUser, ({ ctx, params }) => removeUser(deps, ctx, params.id)),
  bind(passwords.requireReset, ({ ctx, params }) => requireReset(deps, ctx, params.id)),
  bind(sessions.endUserSessions, ({ ctx, params, body }) => endUserSessions(deps, ctx, params.id, body.reason)),
  bind(factors.listUserFactors, ({ params }) => listUserFactors(deps, params.id)),
  bind(factors.resetUserFactors, ({ ctx, params, body }) => resetUserFactors(deps, ctx, params.id, body.reason)),
  bind(people.changeUsers, ({ ctx, body }) => changeUsers(deps, ctx, body)),
  bind(exportAction, ({ ctx, query }) => exportUsers(deps, ctx, query)),
  bind(importAction, ({ ctx, body }) => importUsers(deps, ctx, body)),
  bind(people.setMembership, ({ ctx, params, body }) => setMembership(deps, ctx, params, body)),
  bind(people.removeMembership, ({ ctx, params }) => removeMembership(deps, ctx, params.userId, params.productId)),
]
