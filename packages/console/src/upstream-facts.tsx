'use client'
import { beginUpstreamLink, listUpstreamLinks, removeUpstreamLink } from '@console/contracts/upstream/actions'
import type { Dashboard, UpstreamLink } from '@console/contracts/upstream/schemas'
import { Button } from '@console/ui/button.tsx'
import { Ago } from '@console/ui/time-text.tsx'
import { Link2, Plus } from 'lucide-react'
import { useState } from 'react'
import { CarefulDialog } from './careful-dialog.tsx'
import { useConsole } from './console-provider.tsx'
import { QueryState } from './query-state.tsx'
import { useUpstream } from './upstream-button.tsx'
import { useRead } from './use-action.ts'
import { useCareful } from './use-careful.ts'

/** The accounts at the sign-in provider that sign in whoever is here; nothing where there is neither a provider nor an account. */
export function UpstreamFacts() {
  const links = useRead(listUpstreamLinks, {})
  const { name, app } = useUpstream()
  const [open, setOpen] = useState<UpstreamLink | 'new' | null>(null)
  const close = (): void => setOpen(null)
  return (
    <>
      <QueryState query={links} what="Linked accounts" />
      {links.data?.items.map((link) => (
        <div className="fact" key={link.id}>
          <Link2 className="ic" aria-hidden="true" />
          <div className="grow">
            <p className="strong">{link.email ?? 'An account'}</p>
            <p className="small c2">
              at {hostOf(link.issuer)} · linked <Ago at={link.createdAt} /> ·{' '}
              {link.lastUsedAt === null ? 'not used yet' : <UsedAgo at={link.lastUsedAt} />}
            </p>
          </div>
          <Button
            small
            look="risk"
            aria-label={`Unlink ${link.email ?? 'the account'} at ${hostOf(link.issuer)}…`}
            onClick={() => setOpen(link)}
          >
            Unlink…
          </Button>
        </div>
      ))}
      {links.data && name !== null && (
        <div className="fact">
          <Link2 className="ic" aria-hidden="true" />
          <div className="grow">
            <p className="strong">{links.data.items.length === 0 ? `No account at ${name}` : `Another account at ${name}`}</p>
            <p className="small c2">signs in without the password; a second factor is still asked for</p>
          </div>
          <Button small icon={<Plus className="ic s" aria-hidden="true" />} onClick={() => setOpen('new')}>
            Link an account…
          </Button>
        </div>
      )}
      {open === 'new' && name !== null && <LinkDialog name={name} app={app} onClose={close} />}
      {open !== null && open !== 'new' && <UnlinkDialog link={open} onClose={close} />}
    </>
  )
}

/** For somebody who has just come in: the account at the provider as a second way in, at once. @param props.app the dashboard that is open to them */
export function LinkAtOnce({ app }: { readonly app: Dashboard }) {
  const { name } = useUpstream()
  const [open, setOpen] = useState(false)
  if (name === null) return null
  return (
    <>
      <Button icon={<Link2 className="ic s" aria-hidden="true" />} onClick={() => setOpen(true)}>
        Link your account at {name}…
      </Button>
      {open && <LinkDialog name={name} app={app} onClose={() => setOpen(false)} />}
    </>
  )
}

function LinkDialog({ name, app, onClose }: { readonly name: string; readonly app: Dashboard; readonly onClose: () => void }) {
  const { client } = useConsole()
  const careful = useCareful(() => client.call(beginUpstreamLink, { body: { app } }), [])
  return (
    <CarefulDialog
      careful={careful}
      title={`Link an account at ${name}?`}
      sub={`You go to ${name} and come back here. From then on whoever is signed in there as you can sign in here; your second factor is still asked for.`}
      button={`Go to ${name}`}
      onClose={onClose}
      onDone={({ url }) => location.assign(url)}
    />
  )
}

function UnlinkDialog({ link, onClose }: { readonly link: UpstreamLink; readonly onClose: () => void }) {
  const { client } = useConsole()
  const careful = useCareful(() => client.call(removeUpstreamLink, { params: { id: link.id } }), [listUpstreamLinks])
  return (
    <CarefulDialog
      careful={careful}
      title={`Unlink ${link.email ?? 'the account'}?`}
      sub={`It signs you in no more. The account at ${hostOf(link.issuer)} stays as it is.`}
      cancel="Keep it"
      button="Unlink the account"
      look="risk"
      onClose={onClose}
      onDone={onClose}
    />
  )
}

const hostOf = (issuer: string): string => (URL.canParse(issuer) ? new URL(issuer).host : issuer)

function UsedAgo({ at }: { readonly at: string }) {
  return (
    <>
      used <Ago at={at} />
    </>
  )
}
