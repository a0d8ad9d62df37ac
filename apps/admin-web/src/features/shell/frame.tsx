'use client'
import { ConsoleProvider } from '@console/console/console-provider.tsx'
import { PageBoundary } from '@console/console/page-boundary.tsx'
import { SessionGate } from '@console/console/session-gate.tsx'
import { usePathname } from 'next/navigation'
import { NuqsAdapter } from 'nuqs/adapters/next/app'
import type { ReactNode } from 'react'
import { paths } from '../../lib/paths.ts'
import { AdminShell } from './admin-shell.tsx'

/** What stands around every page. An invite is for somebody who cannot sign in yet, so it stands outside the gate. */
export function Frame({ children }: { readonly children: ReactNode }) {
  const path = usePathname()
  return (
    <NuqsAdapter>
      <ConsoleProvider>
        <PageBoundary page="frame" frame>
          {path.startsWith(paths.invite) ? (
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
    </NuqsAdapter>
  )
}
