import { themeScript } from '@console/ui/theme.ts'
import type { ReactNode } from 'react'

/** The document of a dashboard: language, theme before first paint, and nothing that depends on who looks. */
export function RootDocument({ children, script }: { readonly children: ReactNode; readonly script: (code: string) => ReactNode }) {
  return (
    <html lang="en" suppressHydrationWarning>
      <head>{script(themeScript)}</head>
      <body>{children}</body>
    </html>
  )
}
