import { TextField } from '@console/ui/field.tsx'
import type { FactorKind, useFactor } from './use-factor.ts'

const instead: Readonly<Record<FactorKind, string>> = {
  code: 'Use a code instead',
  passkey: 'Use a passkey instead',
  password: 'Use the password instead',
}

const lately: Readonly<Record<FactorKind, string>> = {
  code: 'You last showed a second factor',
  passkey: 'You last showed a second factor',
  password: 'You last showed your password',
}

/** Asks for the factor again, in the dialog that needs it. */
export function FactorField({ factor, onEnter }: { readonly factor: ReturnType<typeof useFactor>; readonly onEnter?: () => void }) {
  const { kind, value, setValue, others, choose } = factor
  return (
    <div className="stepup">
      <div>
        <p className="strong">Confirm it is you</p>
        <p className="small c2">
          {lately[kind]} more than 5 min ago.{kind === 'passkey' && ' The button below asks your browser for a passkey.'}
        </p>
        {others.map((other) => (
          <p key={other}>
            <button type="button" className="link small" onClick={() => choose(other)}>
              {instead[other]}
            </button>
          </p>
        ))}
      </div>
      {kind !== 'passkey' && (
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
      )}
    </div>
  )
}
