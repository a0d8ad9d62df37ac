import '@console/ui/styles/all.css'
import { RootDocument } from '@console/console/root-document.tsx'
import type { Metadata } from 'next'
import { type ReactNode, Suspense } from 'react'
import { Frame } from '../features/shell/frame.tsx'

export const metadata: Metadata = { title: 'Platform Admin' }

export default function Layout({ children }: { readonly children: ReactNode }) {
  return (
    <RootDocument script={(code) => <script dangerouslySetInnerHTML={{ __html: code }} />}>
      <Suspense>
        <Frame>{children}</Frame>
      </Suspense>
    </RootDocument>
  )
}
