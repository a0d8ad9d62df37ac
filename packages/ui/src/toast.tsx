import { createContext, type ReactNode, useCallback, useContext, useRef, useState } from 'react'
import { Button } from './button.tsx'
import { Glyph, type StatusKind, toneOf } from './status.tsx'

export type Toast = { readonly kind: StatusKind; readonly title: string; readonly text?: string }
const Context = createContext<(toast: Toast) => void>(() => undefined)
const shownMs = 6_000
const mostShown = 4

/** Results of one's own actions: six seconds, failures until they are closed. Never the only place where a fact is told. */
export function ToastProvider({ children }: { readonly children: ReactNode }) {
  const [toasts, setToasts] = useState<readonly (Toast & { id: number })[]>([])
  const next = useRef(0)
  const close = useCallback((id: number) => setToasts((list) => list.filter((toast) => toast.id !== id)), [])
  const show = useCallback(
    (toast: Toast) => {
      next.current += 1
      const id = next.current
      setToasts((list) => [...list.slice(1 - mostShown), { ...toast, id }])
      if (!isFailure(toast)) setTimeout(() => close(id), shownMs)
    },
    [close],
  )
  return (
    <Context.Provider value={show}>
      {children}
      <div className="toasts" role="region" aria-label="Results">
        {toasts.map((toast) => (
          <div key={toast.id} className={`toast ${toneOf(toast.kind)}`} role={isFailure(toast) ? 'alert' : 'status'}>
            <Glyph kind={toast.kind} />
            <div className="grow">
              <p className="strong">{toast.title}</p>
              {toast.text && <p>{toast.text}</p>}
            </div>
            <Button look="quiet" small aria-label={`Close: ${toast.title}`} onClick={() => close(toast.id)}>
              Close
            </Button>
          </div>
        ))}
      </div>
    </Context.Provider>
  )
}

/** Shows the result of what somebody did. */
export const useToast = () => useContext(Context)

function isFailure({ kind }: Toast): boolean {
  return kind === 'bad' || kind === 'denied'
}
