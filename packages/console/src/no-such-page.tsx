import { Blank } from '@console/ui/states.tsx'
import type { ReactNode } from 'react'

/** Where an address leads nowhere. The frame around it stays; `home` leads to the first page. */
export function NoSuchPage({ home }: { readonly home: ReactNode }) {
  return (
    <section className="panel">
      <Blank kind="unknown" title="There is no such page" actions={home}>
        Its address may be mistyped, or from an older release. Every page is in the menu.
      </Blank>
    </section>
  )
}
