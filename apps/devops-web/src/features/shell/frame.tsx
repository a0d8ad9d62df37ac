'use client'
import { AddressProvider } from '@console/console/address-provider.tsx'
import { ConsoleProvider } from '@console/console/console-provider.tsx'
import { PageBoundary } from '@console/console/page-boundary.tsx'
import { SessionGate } from '@console/console/session-gate.tsx'
import { usePathname } from 'next/navigation'
import type { ReactNode } from 'react'
import { DevopsShell } from './devops-shell.tsx'

/** What stands around every page: who is signed in, the frame, and a boundary a page. */
export function Frame({ children }: { readonly children: ReactNode }) {
  const path = usePathname()
  return (
    <AddressProvider>
      <ConsoleProvider>
        <PageBoundary page="frame" frame>
          <SessionGate>
            <DevopsShell>
              <PageBoundary page={path}>{children}</PageBoundary>
            </DevopsShell>
          </SessionGate>
        </PageBoundary>
      </ConsoleProvider>
    </AddressProvider>
  )
}
