'use client'
import { Glyph, toneOf } from '@console/ui/status.tsx'
import Link from 'next/link'
import { useState } from 'react'
import { isHere, type NavGroup, type NavPage } from './navigation.ts'

/** The pages of a dashboard by group; a count stands only beside what deviates. */
export function PageList({ groups, path }: { readonly groups: readonly NavGroup[]; readonly path: string }) {
  return (
    <nav className="nav" aria-label="Pages">
      {groups.map(({ title, pages }) => (
        <div key={title ?? 'top'}>
          {title && <h2>{title}</h2>}
          <ul>
            {pages.map((page) => (
              <li key={page.href}>
                <PageLink page={page} here={isHere(path, page)} />
              </li>
            ))}
          </ul>
        </div>
      ))}
    </nav>
  )
}

/** Its page is fetched ahead once somebody is about to open it: twenty pages that nobody opens would be more than the page itself. */
function PageLink({ page: { href, label, icon, count }, here }: { readonly page: NavPage; readonly here: boolean }) {
  const [near, setNear] = useState(false)
  const come = (): void => setNear(true)
  return (
    <Link href={href} prefetch={near ? null : false} onPointerEnter={come} onFocus={come} aria-current={here ? 'page' : undefined}>
      {icon}
      <span>{label}</span>
      {count && count.n > 0 && (
        <span className={`n ${toneOf(count.kind)}`}>
          <Glyph kind={count.kind} size="s" />
          {count.n}
          <span className="vh"> need attention</span>
        </span>
      )}
    </Link>
  )
}
