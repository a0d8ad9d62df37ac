'use client'
import { Button } from '@console/ui/button.tsx'
import { useToast } from '@console/ui/toast.tsx'
import { Check, Copy, Download } from 'lucide-react'

/** The codes, shown once; `kept` is the line to tick before they go. */
export function RecoveryCodes({
  codes,
  kept,
  onKept,
}: {
  readonly codes: readonly string[]
  readonly kept: boolean
  readonly onKept: (kept: boolean) => void
}) {
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
    <>
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
      <label className="row gap3 ticked">
        <input className="vh" type="checkbox" checked={kept} onChange={(event) => onKept(event.target.checked)} />
        <span className={`check ${kept ? 'on' : ''}`} aria-hidden="true">
          {kept && <Check className="ic" />}
        </span>
        <span>I keep them where my phone and laptop are not</span>
      </label>
    </>
  )
}
