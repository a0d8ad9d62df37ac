import { Glyph, toneOf } from '@console/ui/status.tsx'
import Link from 'next/link'
import type { Lamp } from './navigation.ts'

/** Lamps in a fixed order: quiet ones are words, lit ones lead to what deviates. On a phone one lamp with the count. */
export function Annunciator({ lamps }: { readonly lamps: readonly Lamp[] }) {
  if (lamps.length === 0) return null
  const lit = lamps.filter((lamp) => lamp.lit)
  const worst = lit.find(({ kind }) => kind === 'bad') ?? lit[0]
  return (
    <>
      <nav className="lamps not-s" aria-label="Annunciator">
        {lamps.map((lamp) => (
          <LampLink key={lamp.label} lamp={lamp} />
        ))}
      </nav>
      <Link className={`lamp only-s ${worst ? `lit ${toneOf(worst.kind)}` : ''}`} href={lit.length === 1 && worst ? worst.href : '/'}>
        {worst ? (
          <>
            <Glyph kind={worst.kind} />
            {lit.length} {lit.length === 1 ? 'needs' : 'need'} attention
          </>
        ) : (
          'all quiet'
        )}
      </Link>
    </>
  )
}

function LampLink({ lamp: { label, says, href, kind, lit } }: { readonly lamp: Lamp }) {
  return (
    <Link className={`lamp ${lit ? `lit ${toneOf(kind)}` : ''}`} href={href} title={`${label}: ${says}`}>
      {lit && <Glyph kind={kind} />}
      {label}
      <span className="vh">: {says}</span>
    </Link>
  )
}
