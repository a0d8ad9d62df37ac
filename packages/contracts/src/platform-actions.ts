import type { Action } from './action.ts'
import { actionsIn } from './actions-in.ts'
import * as apiTokens from './api-tokens/actions.ts'
import { listPlatformAuditRows } from './audit/actions.ts'
import * as auth from './auth/actions.ts'
import { platformBackups } from './backups/actions.ts'
import * as internal from './internal/actions.ts'
import * as mail from './mail/actions.ts'
import * as memberships from './memberships/actions.ts'
import * as passkeys from './passkeys/actions.ts'
import * as passwords from './passwords/actions.ts'
import * as people from './people/actions.ts'
import * as exchange from './people/exchange-actions.ts'
import * as factors from './people/factor-actions.ts'
import * as products from './products/actions.ts'
import * as sessions from './sessions/actions.ts'
import * as signInSettings from './sign-in-settings/actions.ts'
import * as upstream from './upstream/actions.ts'

/** Every operation of platform-service, under `/platform/api`. */
export const platformActions: readonly Action[] = [
  ...actionsIn(auth),
  ...actionsIn(passkeys),
  ...actionsIn(upstream),
  ...actionsIn(people),
  ...actionsIn(factors),
  ...actionsIn(exchange),
  ...actionsIn(passwords),
  ...actionsIn(mail),
  ...actionsIn(products),
  ...actionsIn(memberships),
  ...actionsIn(sessions),
  ...actionsIn(apiTokens),
  ...actionsIn(signInSettings),
  ...actionsIn(platformBackups),
  ...actionsIn(internal),
  ...actionsIn({ listPlatformAuditRows }),
]
