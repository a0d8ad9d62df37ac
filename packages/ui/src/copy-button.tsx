import { Copy } from 'lucide-react'
import { Button } from './button.tsx'
import { useToast } from './toast.tsx'

/** Copies a text that the page made, such as a receipt. @param what as the subject of a sentence */
export function CopyButton({ label, what, text }: { readonly label: string; readonly what: string; readonly text: string }) {
  const toast = useToast()
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text)
      toast({ kind: 'ok', title: `${what} is copied` })
    } catch {
      toast({ kind: 'bad', title: `${what} could not be copied`, text: 'The browser keeps the clipboard to itself here.' })
    }
  }
  return (
    <Button icon={<Copy className="ic s" aria-hidden="true" />} onClick={() => void copy()}>
      {label}
    </Button>
  )
}
