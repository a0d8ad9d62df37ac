import { Link2 } from 'lucide-react'
import { Button } from './button.tsx'
import { useToast } from './toast.tsx'

/** Copies the address of the view, filters and all. */
export function CopyLinkButton() {
  const toast = useToast()
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(location.href)
      toast({ kind: 'ok', title: 'The link is copied' })
    } catch {
      toast({ kind: 'bad', title: 'The browser did not let the link be copied', text: 'Copy it from the address bar.' })
    }
  }
  return (
    <Button icon={<Link2 className="ic s" aria-hidden="true" />} onClick={() => void copy()}>
      Copy link
    </Button>
  )
}
