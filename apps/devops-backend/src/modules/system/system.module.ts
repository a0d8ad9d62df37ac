import * as actions from '@console/contracts/system/actions'
import { type BoundAction, bind } from '@console/http-kit/bind'
import type { HostWatch } from './watch-host.ts'

export const bindSystem = ({ host }: { readonly host: HostWatch }): BoundAction[] => [bind(actions.getMetrics, () => host.now())]
