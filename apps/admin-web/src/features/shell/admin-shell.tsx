'use client'
import { useConsole, usePerson } from '@console/console/console-provider.tsx'
import { Shell } from '@console/console/shell.tsx'
import { Blank } from '@console/ui/states.tsx'
import {
  Archive,
  Blocks,
  BookLock,
  IdCard,
  MailPlus,
  MonitorSmartphone,
  OctagonPause,
  Server,
  SlidersHorizontal,
  Ticket,
  UserPlus,
  Users,
} from 'lucide-react'
import type { ReactNode } from 'react'
import { paths } from '../../lib/paths.ts'

/** The frame of Platform Admin. */
export function AdminShell({ children }: { readonly children: ReactNode }) {
  const { settings } = useConsole()
  const { platformRole } = usePerson()
  const groups = [
    {
      title: null,
      pages: [
        { href: paths.people, label: 'People', icon: <Users className="ic" aria-hidden="true" />, key: 'p', first: true },
        { href: paths.products, label: 'Products', icon: <Blocks className="ic" aria-hidden="true" />, key: 'd' },
        { href: paths.memberships, label: 'Memberships', icon: <IdCard className="ic" aria-hidden="true" />, key: 'm' },
        { href: paths.invites, label: 'Invites', icon: <MailPlus className="ic" aria-hidden="true" />, key: 'v' },
      ],
    },
    {
      title: 'Access',
      pages: [
        { href: paths.sessions, label: 'Sessions', icon: <MonitorSmartphone className="ic" aria-hidden="true" />, key: 's' },
        { href: paths.apiTokens, label: 'API tokens', icon: <Ticket className="ic" aria-hidden="true" />, key: 't' },
        { href: paths.throttles, label: 'Blocked', icon: <OctagonPause className="ic" aria-hidden="true" />, key: 'b' },
        { href: paths.settings, label: 'Sign-in settings', icon: <SlidersHorizontal className="ic" aria-hidden="true" />, key: ',' },
      ],
    },
    {
      title: 'Assure',
      pages: [
        { href: paths.audit, label: 'Audit', icon: <BookLock className="ic" aria-hidden="true" />, key: 'a' },
        { href: paths.backups, label: 'Backups', icon: <Archive className="ic" aria-hidden="true" />, key: 'k' },
      ],
    },
  ]
  const entries = [
    { group: 'Actions', label: 'Invite a person…', icon: <UserPlus className="ic" aria-hidden="true" />, href: paths.invitePerson },
  ]
  const other = { label: 'DevOps Dashboard', href: settings.devopsWebUrl, icon: <Server className="ic" aria-hidden="true" /> }
  return (
    <Shell productName="Platform Admin" groups={groups} other={other} otherAt="side" entries={entries}>
      {platformRole === null ? (
        <div className="panel">
          <Blank
            kind="denied"
            title="You have no access to Platform Admin"
            actions={
              <a className="btn" href={settings.devopsWebUrl}>
                Open the DevOps Dashboard
              </a>
            }
          >
            An admin of this console can give it to you.
          </Blank>
        </div>
      ) : (
        children
      )}
    </Shell>
  )
}
