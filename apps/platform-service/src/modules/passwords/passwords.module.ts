import * as passwords from '@console/contracts/passwords/actions'
import { type BoundAction, bind } from '@console/http-kit/bind'
import type { Forgotten } from './forgotten.ts'
import { createResetLink, type PasswordDeps, resetPassword, showReset } from './passwords.ts'

export const bindPasswords = (deps: PasswordDeps, forgotten: Forgotten): BoundAction[] => [
  bind(passwords.createResetLink, ({ ctx, params }) => createResetLink(deps, ctx, params.id)),
  bind(passwords.forgotPassword, ({ ctx, body }) => forgotten.ask(ctx, body.email)),
  bind(passwords.showReset, ({ ctx, body }) => showReset(deps, ctx, body.token)),
  bind(passwords.resetPassword, ({ ctx, body }) => resetPassword(deps, ctx, body)),
]
