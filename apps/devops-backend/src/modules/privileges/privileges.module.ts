import * as actions from '@console/contracts/privileges/actions'
import { type BoundAction, bind } from '@console/http-kit/bind'
import { listPrivileges, type PrivilegeDeps } from './privileges.ts'

export const bindPrivileges = (deps: PrivilegeDeps): BoundAction[] => [bind(actions.listPrivileges, () => listPrivileges(deps))]
