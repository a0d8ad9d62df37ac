'use client'
import { useDo, useWhyNot } from '@console/console/use-action.ts'
import { getMailStatus, sendTestMail } from '@console/contracts/mail/actions'
import type { MailStatus } from '@console/contracts/mail/schemas'
import { Button } from '@console/ui/button.tsx'
import { formatInstant } from '@console/ui/format.ts'
import { Note } from '@console/ui/states.tsx'
import { useToast } from '@console/ui/toast.tsx'

/** Whether the last mail did not go. */
export function mailFails({ server, lastSentAt, lastFailure }: MailStatus): boolean {
  return server !== null && lastFailure !== null && (lastSentAt === null || lastSentAt <= lastFailure.at)
}

/** Mail that does not go is told until one goes again. */
export function MailNote({ status: { server, lastFailure, waiting } }: { readonly status: MailStatus }) {
  const toast = useToast()
  const test = useDo(sendTestMail, { changes: [getMailStatus] })
  const denied = useWhyNot()(sendTestMail)
  if (lastFailure === null) return null
  const send = async (): Promise<void> => {
    const { mail, mailTrouble } = await test.mutateAsync({})
    if (mail === 'sent') toast({ kind: 'ok', title: 'A mail is on its way to you' })
    else toast({ kind: 'bad', title: 'It could not be sent', ...(mailTrouble !== null && { text: mailTrouble }) })
  }
  return (
    <Note
      kind="warn"
      role="status"
      title={`Mail by ${server} failed ${formatInstant(lastFailure.at)}`}
      action={
        <Button
          small
          busy={test.isPending}
          disabledReason={denied}
          onClick={() => void send().catch(() => toast({ kind: 'bad', title: 'platform-service did not answer' }))}
        >
          Send me a test
        </Button>
      }
    >
      {lastFailure.trouble} {waiting > 0 && `${waiting} ${waiting === 1 ? 'mail waits' : 'mails wait'} for another try. `}
      Where a mail fails, the link is shown to whoever made it.
    </Note>
  )
}
