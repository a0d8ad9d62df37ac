import * as passkeys from '@console/contracts/passkeys/actions'
import { type BoundAction, bind } from '@console/http-kit/bind'
import {
  addPasskey,
  askPasskey,
  listPasskeys,
  offerPasskey,
  type PasskeyDeps,
  removePasskey,
  renamePasskey,
  showPasskeyWay,
  signInByPasskey,
  stepUpByPasskey,
} from './passkeys.ts'

export const bindPasskeys = (deps: PasskeyDeps): BoundAction[] => [
  bind(passkeys.listPasskeys, async ({ ctx }) => listPasskeys(deps, ctx)),
  bind(passkeys.offerPasskey, ({ ctx }) => offerPasskey(deps, ctx)),
  bind(passkeys.addPasskey, ({ ctx, body }) => addPasskey(deps, ctx, body)),
  bind(passkeys.renamePasskey, ({ ctx, params, body }) => renamePasskey(deps, ctx, params.id, body.name)),
  bind(passkeys.removePasskey, ({ ctx, params }) => removePasskey(deps, ctx, params.id)),
  bind(passkeys.showPasskeyWay, async () => showPasskeyWay(deps)),
  bind(passkeys.askPasskey, () => askPasskey(deps)),
  bind(passkeys.signInByPasskey, ({ ctx, body }) => signInByPasskey(deps, ctx, body)),
  bind(passkeys.stepUpByPasskey, ({ ctx, body }) => stepUpByPasskey(deps, ctx, body.answer)),
]
