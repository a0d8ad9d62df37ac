import { Copy } from 'lucide-react'
import { useState } from 'react'
import { Button } from './button.tsx'
import { useToast } from './toast.tsx'

/** What stands here and nowhere else, to be copied. Where the browser keeps the clipboard to itself the text is there to be marked. */
export function CopyOnce({ text, onCopied }: { readonly text: string; readonly onCopied?: () => void }) {
  const [copied, setCopied] = useState(false)
  const toast = useToast()
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text)
      setCopied(true)
    } catch {
      toast({ kind: 'bad', title: 'The browser did not let it be copied', text: 'Mark the text and copy it.' })
    }
    onCopied?.()
  }
  return (
    <div className="once">
      <code>{text}</code>
      <Button small look="ink" icon={<Copy className="ic s" aria-hidden="true" />} onClick={() => void copy()}>
        {copied ? 'Copied' : 'Copy'}
      </Button>
    </div>
  )
}
