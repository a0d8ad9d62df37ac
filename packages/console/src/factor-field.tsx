import { TextField } from '@console/ui/field.tsx'
import type { useFactor } from './use-factor.ts'

/** Asks for the factor again, in the dialog that needs it. */
export function FactorField({ factor, onEnter }: { readonly factor: ReturnType<typeof useFactor>; readonly onEnter?: () => void }) {
  const { kind, value, setValue, canChoose, choose } = factor
  return (
    <div className="stepup">
      <div>
        <p className="strong">Confirm it is you</p>
        <p className="small c2">This needs a factor of the last 5 min.</p>
        {canChoose && (
          <button type="button" className="link small" onClick={choose}>
            {kind === 'code' ? 'Use the password instead' : 'Use a code instead'}
          </button>
        )}
      </div>
      <TextField
        key={kind}
        label={kind === 'code' ? 'Code of your authenticator' : 'Your password'}
        type={kind === 'code' ? 'text' : 'password'}
        inputMode={kind === 'code' ? 'numeric' : undefined}
        autoComplete={kind === 'code' ? 'one-time-code' : 'current-password'}
        value={value}
        onChange={(event) => setValue(event.target.value)}
        onKeyDown={(event) => event.key === 'Enter' && onEnter?.()}
      />
    </div>
  )
}
