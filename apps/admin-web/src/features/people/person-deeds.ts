import type { Client } from '@console/api-client/client'
import { createResetLink } from '@console/contracts/passwords/actions'
import type { LinkHandedOver } from '@console/contracts/passwords/schemas'
import { disableUser, enableUser, renewInvite, revokeInvite } from '@console/contracts/people/actions'
import { resetUserFactors } from '@console/contracts/people/factor-actions'
import { endUserSessions } from '@console/contracts/sessions/actions'

export type PersonDeed = 'disable' | 'enable' | 'end' | 'password' | 'factors' | 'renew' | 'revoke'
type Given = { readonly reason: string; readonly until?: string }
type Spec = {
  /** How menus name it. */
  readonly item: string
  readonly title: (name: string) => string
  readonly button: string
  readonly look: 'ink' | 'risk'
  readonly needsReason: boolean
  /** Whether it takes the rights of a platform admin away. */
  readonly takesAdmin?: true
  /** Whether it may be for a time only. */
  readonly mayEnd?: true
  /** Answers the link where one was made. */
  readonly run: (client: Client, id: string, given: Given) => Promise<LinkHandedOver | null>
}

/** What can be done about one person by a word and, where it takes something away, a reason. */
export const personDeeds: Readonly<Record<PersonDeed, Spec>> = {
  disable: {
    item: 'Disable…',
    title: (name) => `Disable ${name}? Every session ends within seconds.`,
    button: 'Disable',
    look: 'risk',
    needsReason: true,
    takesAdmin: true,
    mayEnd: true,
    run: (client, id, given) => client.call(disableUser, { params: { id }, body: given }).then(nothing),
  },
  enable: {
    item: 'Enable…',
    title: (name) => `Let ${name} sign in again?`,
    button: 'Enable',
    look: 'ink',
    needsReason: false,
    run: (client, id) => client.call(enableUser, { params: { id } }).then(nothing),
  },
  end: {
    item: 'End every session…',
    title: (name) => `End every session of ${name}?`,
    button: 'End sessions',
    look: 'risk',
    needsReason: true,
    run: (client, id, { reason }) => client.call(endUserSessions, { params: { id }, body: { reason } }).then(nothing),
  },
  password: {
    item: 'Reset password…',
    title: (name) => `Give ${name} a link to set a new password? The present one stays good until it is used.`,
    button: 'Make the link',
    look: 'ink',
    needsReason: true,
    run: (client, id, { reason }) => client.call(createResetLink, { params: { id }, body: { reason } }),
  },
  factors: {
    item: 'Reset second factor…',
    title: (name) => `Take the second factor of ${name} away? The password is enough again, and every session ends.`,
    button: 'Reset second factor',
    look: 'risk',
    needsReason: true,
    run: (client, id, { reason }) => client.call(resetUserFactors, { params: { id }, body: { reason } }).then(nothing),
  },
  renew: {
    item: 'New link…',
    title: (name) => `Make a new link for ${name}? The old one ends.`,
    button: 'Make a new link',
    look: 'ink',
    needsReason: false,
    run: async (client, id) => {
      const { invite, ...handed } = await client.call(renewInvite, { params: { id } })
      return { ...handed, expiresAt: invite.expiresAt }
    },
  },
  revoke: {
    item: 'Revoke the invite…',
    title: (name) => `Revoke the invite of ${name}?`,
    button: 'Revoke',
    look: 'risk',
    needsReason: false,
    run: (client, id) => client.call(revokeInvite, { params: { id } }).then(nothing),
  },
}

const nothing = (): null => null
