import type { Role } from '@console/contracts/shapes'

const steps: readonly Role[] = ['viewer', 'operator', 'admin']

/** Three steps, as many filled as the role has; the word stands beside it. */
export function RoleMark({ role }: { readonly role: Role }) {
  const filled = steps.indexOf(role)
  return (
    <svg className="rolemark" width="13" height="11" viewBox="0 0 13 11" aria-hidden="true">
      {steps.map((step, at) => (
        <rect key={step} className={at <= filled ? 'on' : ''} x={at * 5} y={7 - at * 3.5} width="3" height={4 + at * 3.5} rx="1" />
      ))}
    </svg>
  )
}
