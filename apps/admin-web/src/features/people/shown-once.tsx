'use client'
import { Button } from '@console/ui/button.tsx'
import { formatInstant } from '@console/ui/format.ts'
import { useState } from 'react'

/** A link that stands here and nowhere else. */
export function ShownOnce({ link, expiresAt }: { readonly link: string; readonly expiresAt: string }) {
  const [copied, setCopied] = useState(false)
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(link)
    setCopied(true)
  }
  return (
    <>
      <div className="once">
        <code>{link}</code>
        <Button small onClick={() => void copy()}>
          {copied ? 'Copied' : 'Copy'}
        </Button>
      </div>
      <p className="small c2">Send it to the person yourself. It is shown once, works once, and ends {formatInstant(expiresAt)}.</p>
    </>
  )
}
