import type { VerbRow } from '@console/contracts/privileges/actions'
import { Status } from '@console/ui/status.tsx'

type Daemon = { readonly name: VerbRow['daemon']; readonly state: 'up' | 'away' }
const words = {
  'docker-proxy': 'fixed requests to Docker, no filter to fill in',
  'host-agent': 'fixed argument vectors, never a shell string',
} as const

/** How many verbs each part has: the backend none. */
export function VerbTiles({ verbs, daemons }: { readonly verbs: readonly VerbRow[]; readonly daemons: readonly Daemon[] }) {
  return (
    <div className="cols c-3">
      <Tile name="devops-backend" count={0} text="no socket of Docker, no right on the host" />
      {(['docker-proxy', 'host-agent'] as const).map((name) => (
        <Tile
          key={name}
          name={name}
          count={verbs.filter(({ daemon }) => daemon === name).length}
          text={words[name]}
          away={daemons.some((daemon) => daemon.name === name && daemon.state === 'away')}
        />
      ))}
    </div>
  )
}

function Tile({
  name,
  count,
  text,
  away = false,
}: {
  readonly name: string
  readonly count: number
  readonly text: string
  readonly away?: boolean
}) {
  return (
    <section className="panel trend">
      <h2 className="mono">{name}</h2>
      {away ? <Status kind="unknown">away</Status> : <span />}
      <p className="figure">
        {count} <small>verbs</small>
      </p>
      <p className="small c2 span2">{text}</p>
    </section>
  )
}
