import * as auth from '@console/contracts/auth/actions'
import { type BoundAction, bind } from '@console/http-kit/bind'
import { answerChallenge, changePassword, type SignInDeps, signIn, stepUp } from './sign-in.ts'

export const bindSignIn = (deps: SignInDeps): BoundAction[] => [
  bind(auth.signIn, ({ ctx, body }) => signIn(deps, ctx, body)),
  bind(auth.answerChallenge, ({ ctx, body }) => answerChallenge(deps, ctx, body)),
  bind(auth.stepUp, ({ ctx, body }) => stepUp(deps, ctx, body)),
  bind(auth.changePassword, ({ ctx, body }) => changePassword(deps, ctx, body)),
]
