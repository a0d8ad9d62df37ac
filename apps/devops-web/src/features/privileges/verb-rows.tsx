import { Actor } from '@console/console/actor.tsx'
import type { VerbRow } from '@console/contracts/privileges/actions'
import type { Role } from '@console/contracts/shapes'
import { Status } from '@console/ui/status.tsx'
import { Ago } from '@console/ui/time-text.tsx'
import { Flame, Lock, Pencil } from 'lucide-react'
import Link from 'next/link'
import { Fragment, type ReactNode } from 'react'
import { paths } from '../../lib/paths.ts'
import { limitsOf, mayCall, routesOf } from './verb-words.ts'

const daemons = [
  ['docker-proxy', 'only holder of the Docker socket'],
  ['host-agent', 'only starter of programs on the host'],
] as const

/** The heads of the columns. */
export const verbHead = [
  <th key="verb">Verb and routes</th>,
  <th key="runs">What runs</th>,
  <th key="risk">Risk</th>,
  <th key="needs">Needs</th>,
  <th key="used" className="m1">
    Last used
  </th>,
  <th key="agrees">Daemon agrees</th>,
  <th key="may">You may</th>,
]

/** The rows of each daemon under its name. */
export function verbRows(verbs: readonly VerbRow[], role: Role | null): ReactNode[] {
  return daemons.flatMap(([daemon, what]) => {
    const own = verbs.filter((verb) => verb.daemon === daemon)
    if (own.length === 0) return []
    return [
      <tr key={daemon} className="grp">
        <td colSpan={verbHead.length}>
          <b className="c2">{daemon}</b> <span>{what}</span> <span>{own.length} verbs</span>
        </td>
      </tr>,
      ...own.map((verb) => <Row key={`${daemon} ${verb.id}`} verb={verb} may={mayCall(role, verb)} />),
    ]
  })
}

function Row({ verb, may }: { readonly verb: VerbRow; readonly may: boolean }) {
  const routes = routesOf(verb)
  return (
    <tr>
      <td className="mono small t1 routes" title={argsOf(verb)}>
        <b>{verb.id}</b>
        {routes.length === 0 ? <div className="c3">the backend itself</div> : routes.map((route) => <Route key={route} route={route} />)}
      </td>
      <td className="argv mono small c2" data-l="Runs">
        {verb.runs}
      </td>
      <td data-l="Risk">
        <Risk risk={verb.risk} />
      </td>
      <td data-l="Needs">
        {verb.role}
        {verb.grant && <span className="sub">and a grant</span>}
        {verb.service && <span className="sub">or the backend’s key</span>}
        {verb.limits.length > 0 && <span className="sub">{limitsOf(verb)}</span>}
      </td>
      <td className="small m1 nowrap" data-l="Last used">
        <LastUse verb={verb} />
      </td>
      <td className="t2">
        {verb.daemonAgrees === null ? (
          <Status kind="unknown">away</Status>
        ) : verb.daemonAgrees ? (
          <Status kind="ok">yes</Status>
        ) : (
          <Status kind="bad">differs</Status>
        )}
      </td>
      <td className="nowrap" data-l="You may">
        {may ? (
          'yes'
        ) : (
          <span className="c3">
            <Lock className="ic s inline" aria-hidden="true" /> no
          </span>
        )}
      </td>
    </tr>
  )
}

/** By whom and when, and from there to the rows of that request. */
function LastUse({ verb: { recorded, lastUse } }: { readonly verb: VerbRow }) {
  if (!recorded) return <span className="c3">not recorded</span>
  if (!lastUse) return <span className="c3">not yet</span>
  const { by, at, outcome, requestId } = lastUse
  return (
    <>
      <Actor actor={by} />
      <span className="sub">
        <Link href={paths.auditOf(requestId)}>
          <Ago at={at} />
        </Link>
        {outcome === 'done' ? '' : `, ${outcome}`}
      </span>
    </>
  )
}

/** A long path breaks before a slash, nowhere else. */
function Route({ route }: { readonly route: string }) {
  return (
    <div className="c2">
      {route.split(/(?=\/)/).map((part, at) => (
        <Fragment key={`${at} ${part}`}>
          {at > 0 && <wbr />}
          {part}
        </Fragment>
      ))}
    </div>
  )
}

function Risk({ risk }: { readonly risk: VerbRow['risk'] }) {
  if (risk === 'read') return risk
  const Icon = risk === 'destroy' ? Flame : Pencil
  return (
    <span className={`chip ${risk === 'destroy' ? 'is-bad' : 'is-live'}`}>
      <Icon className="ic s" aria-hidden="true" />
      {risk}
    </span>
  )
}

function argsOf({ args }: VerbRow): string {
  return args.length === 0 ? 'takes nothing' : args.map(({ name, rule, optional }) => `${name}${optional ? '?' : ''}: ${rule}`).join('; ')
}
