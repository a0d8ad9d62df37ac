import '@console/ui/styles/all.css'
import { themeColour } from '@console/console/dashboard-manifest.ts'
import { RootDocument } from '@console/console/root-document.tsx'
import type { Metadata, Viewport } from 'next'
import { type ReactNode, Suspense } from 'react'
import { Frame } from '../features/shell/frame.tsx'

export const metadata: Metadata = { title: 'Platform Admin' }
export const viewport: Viewport = { themeColor: themeColour }

export default function Layout({ children }: { readonly children: ReactNode }) {
  return (
    <RootDocument script={(code) => <script dangerouslySetInnerHTML={{ __html: code }} />}>
      <Suspense>
        <Frame>{children}</Frame>
      </Suspense>
    </RootDocument>
  )
}
