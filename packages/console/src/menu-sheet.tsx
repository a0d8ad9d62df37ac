'use client'
import { Dialog } from '@base-ui/react/dialog'
import { Button } from '@console/ui/button.tsx'
import { currentTheme, setTheme } from '@console/ui/theme.ts'
import { ExternalLink, LogOut, Moon, Search, Server, Sun, X } from 'lucide-react'
import type { ReactNode } from 'react'
import { Brand } from './brand.tsx'
import type { OtherDashboard } from './navigation.ts'
import { useSignOut } from './use-sign-out.ts'

/** The menu of a phone: search, pages, the other dashboard, theme and the way out. It holds the focus and gives it back. */
export function MenuSheet({
  productName,
  other,
  host,
  onClose,
  onSearch,
  children,
}: {
  readonly productName: string
  readonly other: OtherDashboard
  readonly host: { readonly name: string; readonly detail: string } | null | undefined
  readonly onClose: () => void
  readonly onSearch: () => void
  readonly children: ReactNode
}) {
  const leave = useSignOut()
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="backdrop" />
        <Dialog.Popup className="menusheet sheet">
          <Dialog.Title className="vh">Menu</Dialog.Title>
          <div className="brand">
            <Brand />
            <span>{productName}</span>
            <Dialog.Close className="close" aria-label="Close menu">
              <X className="ic s" aria-hidden="true" />
            </Dialog.Close>
          </div>
          <button type="button" className="find" onClick={onSearch}>
            <Search className="ic s" aria-hidden="true" />
            <span>Search or run</span>
          </button>
          {children}
          <div className="sheetfoot">
            <a className="hostpick" href={other.href} target="_blank" rel="noreferrer">
              {other.icon}
              {other.label}
              <ExternalLink className="ic s push" aria-hidden="true" />
              <span className="vh"> (opens in a new tab)</span>
            </a>
            {host && (
              <p className="hostpick">
                <Server className="ic" aria-hidden="true" />
                <span>
                  <b>{host.name}</b> <span className="c3 small">{host.detail}</span>
                </span>
              </p>
            )}
            <div className="row between">
              <Button
                look="quiet"
                icon={
                  <>
                    <Sun className="ic s to-light" aria-hidden="true" />
                    <Moon className="ic s to-dark" aria-hidden="true" />
                  </>
                }
                onClick={() => setTheme(currentTheme() === 'light' ? 'dark' : 'light')}
              >
                Switch theme
              </Button>
              <Button look="quiet" icon={<LogOut className="ic s" aria-hidden="true" />} onClick={() => void leave()}>
                Sign out
              </Button>
            </div>
          </div>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
