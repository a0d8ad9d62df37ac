'use client'
import { AddressProvider } from '@console/console/address-provider.tsx'
import { ConsoleProvider } from '@console/console/console-provider.tsx'
import { PageBoundary } from '@console/console/page-boundary.tsx'
import { SessionGate } from '@console/console/session-gate.tsx'
import { usePathname } from 'next/navigation'
import type { ReactNode } from 'react'
import { paths } from '../../lib/paths.ts'
import { AdminShell } from './admin-shell.tsx'

/** What stands around every page. Invites, links for a new password and what a sign-in provider sends back are for somebody who cannot sign in, so they stand outside the gate. */
export function Frame({ children }: { readonly children: ReactNode }) {
  const path = usePathname()
  return (
    <AddressProvider>
      <ConsoleProvider>
        <PageBoundary page="frame" frame>
          {isForStrangers(path) ? (
            children
          ) : (
            <SessionGate>
              <AdminShell>
                <PageBoundary page={path}>{children}</PageBoundary>
              </AdminShell>
            </SessionGate>
          )}
        </PageBoundary>
      </ConsoleProvider>
    </AddressProvider>
  )
}

/** `/invites` is a page of the dashboard, `/invite` is not. */
function isForStrangers(path: string): boolean {
  return [paths.invite, paths.reset, paths.upstream].some((page) => path === page || path.startsWith(`${page}/`))
}
