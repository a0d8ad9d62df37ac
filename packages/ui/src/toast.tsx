import { createContext, type ReactNode, useCallback, useContext, useMemo, useRef, useState } from 'react'
import { Button } from './button.tsx'
import { Glyph, type StatusKind, toneOf } from './status.tsx'

export type Toast = { readonly kind: StatusKind; readonly title: string; readonly text?: string }
const Context = createContext<(toast: Toast) => void>(() => undefined)
const shownMs = 6_000

/** Results of one's own actions: six seconds, failures until they are closed. Never the only place where a fact is told. */
export function ToastProvider({ children }: { readonly children: ReactNode }) {
  const [toasts, setToasts] = useState<readonly (Toast & { id: number })[]>([])
  const next = useRef(0)
  const close = useCallback((id: number) => setToasts((list) => list.filter((toast) => toast.id !== id)), [])
  const show = useCallback(
    (toast: Toast) => {
      next.current += 1
      const id = next.current
      setToasts((list) => [...list.slice(-3), { ...toast, id }])
      if (toast.kind !== 'bad' && toast.kind !== 'denied') setTimeout(() => close(id), shownMs)
    },
    [close],
  )
  const list = useMemo(() => toasts, [toasts])
  return (
    <Context.Provider value={show}>
      {children}
      <div className="toasts" role="region" aria-label="Results" aria-live="polite">
        {list.map(({ id, kind, title, text }) => (
          <div key={id} className={`toast ${toneOf(kind)}`}>
            <Glyph kind={kind} />
            <div className="grow">
              <p className="strong">{title}</p>
              {text && <p>{text}</p>}
            </div>
            <Button look="quiet" small onClick={() => close(id)}>
              Close
            </Button>
          </div>
        ))}
      </div>
    </Context.Provider>
  )
}

export const useToast = () => useContext(Context)
