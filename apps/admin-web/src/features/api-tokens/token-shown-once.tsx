'use client'
import { useConsole } from '@console/console/console-provider.tsx'
import { useDo } from '@console/console/use-action.ts'
import { listApiTokens, listOwnApiTokens, revokeOwnApiToken } from '@console/contracts/api-tokens/actions'
import type { ApiToken } from '@console/contracts/api-tokens/schemas'
import { cleanLogText } from '@console/log-text/clean-log-text'
import { Button } from '@console/ui/button.tsx'
import { CopyOnce } from '@console/ui/copy-once.tsx'
import { Dialog } from '@console/ui/dialog.tsx'
import { formatInstant } from '@console/ui/format.ts'
import { Facts } from '@console/ui/panel.tsx'
import { useToast } from '@console/ui/toast.tsx'
import { useState } from 'react'
import { productLabel } from '../../lib/product-words.ts'

/** The secret, once. It closes after copying, or when the token is ended again. */
export function TokenShownOnce({
  token,
  secret,
  example,
  onClose,
}: {
  /** A path of the product's API that the token may read. */
  readonly example: string
  readonly token: ApiToken
  readonly secret: string
  readonly onClose: () => void
}) {
  const { settings } = useConsole()
  const [copied, setCopied] = useState(false)
  const toast = useToast()
  const end = useDo(revokeOwnApiToken, { changes: [listApiTokens, listOwnApiTokens] })
  const undo = (): void =>
    end.mutate(
      { params: { id: token.id } },
      {
        onSuccess: onClose,
        onError: (error) => toast({ kind: 'bad', title: 'The token was not ended', text: error.message }),
      },
    )
  const base = token.productId === 'bytelyst-platform' ? settings.platformUrl : settings.devopsApiUrl
  return (
    <Dialog
      open
      onClose={onClose}
      closable={false}
      busy={!copied}
      title={`Copy the token of ${cleanLogText(token.name)} now`}
      sub="It is shown this once; only a hash is kept. Lost ones are ended and made again."
      footer={
        <span className="push row">
          <Button look="quiet" busy={end.isPending} onClick={undo}>
            End it again
          </Button>
          <Button disabledReason={copied ? null : 'Copy it first, or end it again'} onClick={onClose}>
            Done
          </Button>
        </span>
      }
    >
      <CopyOnce text={secret} onCopied={() => setCopied(true)} />
      <Facts
        boxed
        items={[
          ['For', `${productLabel(token.productId)}, as ${cleanLogText(token.owner.name)}`],
          [
            'May call',
            <span key="calls" className="mono small">
              {token.actions.join(', ')}
            </span>,
          ],
          ['Ends', formatInstant(token.expiresAt)],
        ]}
      />
      <pre className="codebox" tabIndex={0} role="region" aria-label="Example">
        {`curl -H "Authorization: Bearer $TOKEN" \\\n  ${base}${example}`}
      </pre>
    </Dialog>
  )
}
