'use client'
import { Menu } from '@console/ui/menu.tsx'
import { initialsOf } from '@console/ui/person.tsx'
import { ExternalLink, LogOut, MonitorDown, Settings2, UserRound } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { usePerson } from './console-provider.tsx'
import type { OtherDashboard } from './navigation.ts'
import { useInstall } from './use-offer.ts'
import { useSignOut } from './use-sign-out.ts'

/** Who is signed in, and what is theirs: profile, settings, the way out. */
export function PersonMenu({ settingsHref, other }: { readonly settingsHref: string | undefined; readonly other: OtherDashboard }) {
  const { info } = usePerson()
  const router = useRouter()
  const leave = useSignOut()
  const install = useInstall()
  if (!info) return null
  return (
    <Menu
      trigger={
        <button type="button" className="me">
          <span className="avatar" aria-hidden="true">
            {initialsOf(info.user.name)}
          </span>
          <span className="vh">{info.user.name}, account menu</span>
        </button>
      }
      head={
        <>
          <p className="strong">{info.user.name}</p>
          <p className="small c2">{info.user.email}</p>
        </>
      }
      items={[
        { label: 'Your profile', icon: <UserRound className="ic s" aria-hidden="true" />, onSelect: () => router.push('/profile') },
        ...(settingsHref
          ? [{ label: 'Settings', icon: <Settings2 className="ic s" aria-hidden="true" />, onSelect: () => router.push(settingsHref) }]
          : []),
        {
          label: other.label,
          icon: <ExternalLink className="ic s" aria-hidden="true" />,
          onSelect: () => void window.open(other.href, '_blank', 'noreferrer'),
        },
        ...(install
          ? [{ label: 'Install this dashboard…', icon: <MonitorDown className="ic s" aria-hidden="true" />, onSelect: install }]
          : []),
        { label: 'Sign out', icon: <LogOut className="ic s" aria-hidden="true" />, onSelect: () => void leave() },
      ]}
    />
  )
}
