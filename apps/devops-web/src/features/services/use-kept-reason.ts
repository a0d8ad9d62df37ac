'use client'
import { useState } from 'react'

const keyOf = (serviceId: string): string => `bytelyst.deploy-reason.v1.${serviceId}`

/** The reason of a deploy, kept in this tab while its script is looked at on another page. `forget` when the run was asked for. */
export function useKeptReason(serviceId: string): { reason: string; setReason: (reason: string) => void; forget: () => void } {
  const [reason, setReason] = useState(() => sessionStorage.getItem(keyOf(serviceId)) ?? '')
  return {
    reason,
    setReason: (next) => {
      setReason(next)
      sessionStorage.setItem(keyOf(serviceId), next)
    },
    forget: () => sessionStorage.removeItem(keyOf(serviceId)),
  }
}
