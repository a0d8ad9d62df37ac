'use client'
import { ConsoleProvider } from '@console/console/console-provider.tsx'
import { PageBoundary } from '@console/console/page-boundary.tsx'
import { SessionGate } from '@console/console/session-gate.tsx'
import { usePathname } from 'next/navigation'
import { NuqsAdapter } from 'nuqs/adapters/next/app'
import type { ReactNode } from 'react'
import { DevopsShell } from './devops-shell.tsx'

/** What stands around every page: who is signed in, the frame, and a boundary a page. */
export function Frame({ children }: { readonly children: ReactNode }) {
  const path = usePathname()
  return (
    <NuqsAdapter>
      <ConsoleProvider>
        <PageBoundary page="frame" frame>
          <SessionGate>
            <DevopsShell>
              <PageBoundary page={path}>{children}</PageBoundary>
            </DevopsShell>
          </SessionGate>
        </PageBoundary>
      </ConsoleProvider>
    </NuqsAdapter>
  )
}
