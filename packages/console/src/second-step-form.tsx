'use client'
import type { ApiError } from '@console/api-client/client'
import { answerChallenge } from '@console/contracts/auth/actions'
import type { Challenge } from '@console/contracts/auth/schemas'
import { Button } from '@console/ui/button.tsx'
import { TextField } from '@console/ui/field.tsx'
import { Note } from '@console/ui/states.tsx'
import { ArrowLeft, LifeBuoy, Smartphone } from 'lucide-react'
import { type FormEvent, useEffect, useRef, useState } from 'react'
import { useConsole } from './console-provider.tsx'
import { PasskeyButton } from './passkey-button.tsx'

const digits = 6
const steps = {
  code: 'Type the 6-digit code from your authenticator app.',
  recovery: 'Type a recovery code; each is good once.',
  passkey: 'Show your passkey.',
}

/** The second factor of a sign-in: a passkey, or a code. Six digits send themselves; a recovery code is sent by hand. */
export function SecondStepForm({
  challenge: { challenge, factors },
  email,
  onBack,
}: {
  readonly challenge: Challenge
  readonly email: string
  readonly onBack: () => void
}) {
  const { client, adopt } = useConsole()
  const [byRecovery, setByRecovery] = useState(false)
  const [code, setCode] = useState('')
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<ApiError | Error | null>(null)
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => field.current?.focus(), [])
  const send = async (value: string): Promise<void> => {
    if (busy) return
    setBusy(true)
    setError(null)
    try {
      adopt(await client.call(answerChallenge, { body: { challenge, code: value } }))
    } catch (thrown) {
      setError(thrown as ApiError)
      setCode('')
      field.current?.focus()
    } finally {
      setBusy(false)
    }
  }
  const type = (value: string): void => {
    setCode(value)
    const typed = value.replaceAll(' ', '')
    if (!byRecovery && /^[0-9]+$/.test(typed) && typed.length === digits) void send(typed)
  }
  const [hasPasskey, hasApp] = [factors.includes('passkey'), factors.includes('totp')]
  const hasCode = hasApp || byRecovery
  const left = digits - code.replaceAll(' ', '').length
  const trouble = byRecovery
    ? code.trim().length < digits
      ? 'Type one of your recovery codes.'
      : null
    : left > 0
      ? `${left} ${left === 1 ? 'digit is' : 'digits are'} missing.`
      : null
  return (
    <form
      className="stack"
      onSubmit={(event: FormEvent) => {
        event.preventDefault()
        if (trouble === null) void send(code)
      }}
    >
      <div>
        <button type="button" className="link small row backl" onClick={onBack}>
          <ArrowLeft className="ic s" aria-hidden="true" />
          Not {email}?
        </button>
        <h1>Confirm it is you</h1>
        <p className="c2">Step 2 of 2. {hasCode ? (byRecovery ? steps.recovery : steps.code) : steps.passkey}</p>
      </div>
      {error && (
        <Note kind="bad" role="alert" title={error.message}>
          {'code' in error && error.code}
        </Note>
      )}
      {hasCode && (
        <>
          <TextField
            ref={field}
            key={byRecovery ? 'recovery' : 'code'}
            label={byRecovery ? 'Recovery code' : 'Code'}
            className="code-field"
            mono
            inputMode={byRecovery ? 'text' : 'numeric'}
            autoComplete="one-time-code"
            spellCheck={false}
            maxLength={byRecovery ? 60 : 9}
            placeholder={byRecovery ? '' : '000 000'}
            hint={byRecovery ? 'Dashes and capitals do not matter.' : 'Signs in by itself after the sixth digit.'}
            value={code}
            onChange={(event) => type(event.target.value)}
          />
          <Button look="ink" type="submit" busy={busy} disabledReason={trouble} reasonHidden>
            {busy ? 'Signing in' : 'Sign in'}
          </Button>
        </>
      )}
      {hasPasskey && (
        <PasskeyButton challenge={challenge} onError={setError}>
          {hasApp ? 'Use a passkey instead' : 'Use a passkey'}
        </PasskeyButton>
      )}
      {factors.includes('recovery') && (
        <Button
          look="quiet"
          icon={
            byRecovery && hasApp ? <Smartphone className="ic s" aria-hidden="true" /> : <LifeBuoy className="ic s" aria-hidden="true" />
          }
          onClick={() => {
            setByRecovery(!byRecovery)
            setCode('')
            setError(null)
          }}
        >
          {byRecovery ? (hasApp ? 'Use the authenticator' : 'Use no recovery code') : 'Use a recovery code'}
        </Button>
      )}
    </form>
  )
}
