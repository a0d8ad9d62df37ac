'use client'
import { Button } from '@console/ui/button.tsx'
import { Dialog } from '@console/ui/dialog.tsx'
import { Tick } from '@console/ui/tick.tsx'
import { useToast } from '@console/ui/toast.tsx'
import { Copy, Download } from 'lucide-react'
import { useState } from 'react'

/** The codes, shown once: it closes when the person says that they are kept. */
export function RecoveryCodesDialog({
  codes,
  sub,
  onClose,
}: {
  readonly codes: readonly string[]
  readonly sub: string
  readonly onClose: () => void
}) {
  const [kept, setKept] = useState(false)
  const toast = useToast()
  const text = `${codes.join('\n')}\n`
  const copy = (): void =>
    void navigator.clipboard.writeText(text).then(
      () => toast({ kind: 'ok', title: 'The codes are copied' }),
      () => toast({ kind: 'bad', title: 'The browser did not let them be copied', text: 'Download them, or write them down.' }),
    )
  const download = (): void => {
    const link = document.createElement('a')
    link.href = URL.createObjectURL(new Blob([text], { type: 'text/plain' }))
    link.download = 'recovery-codes.txt'
    link.click()
    URL.revokeObjectURL(link.href)
  }
  return (
    <Dialog
      open
      closable={false}
      busy
      onClose={onClose}
      title="Keep these ten recovery codes"
      sub={sub}
      footer={
        <span className="push row">
          <Button disabledReason={kept ? null : 'Tick the line first'} onClick={onClose}>
            Done
          </Button>
        </span>
      }
    >
      <ol className="codes mono">
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ol>
      <div className="row w">
        <Button icon={<Copy className="ic s" aria-hidden="true" />} onClick={copy}>
          Copy all
        </Button>
        <Button icon={<Download className="ic s" aria-hidden="true" />} onClick={download}>
          Download as text
        </Button>
      </div>
      <Tick checked={kept} onChange={setKept}>
        I keep them where my phone and laptop are not
      </Tick>
    </Dialog>
  )
}
