import type { HermesInstance } from '@console/contracts/hermes/schemas'
import { Sparkline } from '@console/ui/sparkline.tsx'
import type { ReactNode } from 'react'
import { isStale, staleMinutes, type Trend } from './trends.ts'

/** Three kinds of cards over the last snapshots that this browser saw. */
export function TrendCards({ trends, instances }: { readonly trends: readonly Trend[]; readonly instances: readonly HermesInstance[] }) {
  const last = trends.at(-1)
  if (!last) return null
  const over = `${trends.length} ${trends.length === 1 ? 'snapshot' : 'snapshots'}`
  return (
    <div className="cols c-4 mb">
      <Card
        title="Warnings"
        label={over}
        warn={last.warnings > 0}
        figure={last.warnings}
        values={trends.map(({ warnings }) => warnings)}
        words={`Warnings over ${over}, now ${last.warnings}`}
      />
      <Card
        title="Healthy instances"
        label={over}
        warn={last.healthy + last.unknown < last.total}
        figure={
          <>
            {last.healthy}{' '}
            <small>
              of {last.total}
              {last.unknown > 0 && `, ${last.unknown} unknown`}
            </small>
          </>
        }
        values={trends.map(({ healthy }) => healthy)}
        words={`Healthy instances over ${over}, now ${last.healthy} of ${last.total}`}
      />
      {instances
        .filter(({ backup }) => backup.status !== 'none')
        .map(({ id, label }) => {
          const minutes = last.backup[id] ?? null
          const stale = isStale(minutes)
          return (
            <Card
              key={id}
              title={`${label}: last backup commit`}
              label={`mark at ${staleMinutes} min`}
              warn={stale}
              figure={
                minutes === null ? (
                  <small>No data</small>
                ) : (
                  <>
                    {minutes} <small>min ago{stale && ', stale'}</small>
                  </>
                )
              }
              values={trends.map(({ backup }) => backup[id] ?? null)}
              mark={staleMinutes}
              words={`Minutes since the last backup commit of ${label} over ${over}, ${minutes === null ? 'not known' : `now ${minutes}`}`}
            />
          )
        })}
    </div>
  )
}

type CardProps = {
  readonly title: string
  readonly label: string
  readonly warn: boolean
  readonly figure: ReactNode
  readonly values: readonly (number | null)[]
  readonly words: string
  readonly mark?: number
}

function Card({ title, label, warn, figure, values, words, mark }: CardProps) {
  return (
    <section className="panel trend" aria-label={title}>
      <h2 className="c2">{title}</h2>
      <span className="label">{label}</span>
      <p className={`figure ${warn ? 'is-warn fg' : ''}`}>{figure}</p>
      <Sparkline values={values} label={words} className={`spark ${warn ? 'is-warn' : ''}`} {...(mark !== undefined && { mark })} />
    </section>
  )
}
