import { type ButtonHTMLAttributes, type MouseEvent, type ReactNode, useId } from 'react'

type Look = 'ink' | 'outlined' | 'quiet' | 'risk' | 'danger'
export type ButtonProps = Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'disabled'> & {
  readonly look?: Look
  readonly small?: boolean
  readonly icon?: ReactNode
  readonly busy?: boolean
  /** Why it may not be pressed. It stays focusable, and the reason stands beside it, or in its name where there is no room. */
  readonly disabledReason?: string | null | undefined
  readonly reasonHidden?: boolean
}

/** A button. One ink button a view; danger only as the last step of a dialog. */
export function Button({
  look = 'outlined',
  small = false,
  icon,
  busy = false,
  disabledReason,
  reasonHidden = false,
  children,
  onClick,
  className = '',
  type = 'button',
  ...rest
}: ButtonProps) {
  const id = useId()
  const off = disabledReason !== null && disabledReason !== undefined
  const press = (event: MouseEvent<HTMLButtonElement>): void => {
    if (off || busy) {
      event.preventDefault()
      return
    }
    onClick?.(event)
  }
  const classes = `btn ${look === 'outlined' ? '' : look} ${small ? 's' : ''} ${children ? '' : 'i'} ${className}`
  return (
    <>
      <button
        {...rest}
        type={type}
        className={classes}
        onClick={press}
        aria-disabled={off || undefined}
        aria-busy={busy || undefined}
        aria-describedby={off ? id : rest['aria-describedby']}
        title={off ? disabledReason : rest.title}
      >
        {icon}
        {children}
      </button>
      {off && (
        <span id={id} className={reasonHidden ? 'vh' : 'why'}>
          {disabledReason}
        </span>
      )}
    </>
  )
}
