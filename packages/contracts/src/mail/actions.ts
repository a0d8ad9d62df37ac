import { z } from 'zod'
import { defineAction } from '../action.ts'
import { MailStatus, mailed } from './schemas.ts'

const at = { api: 'platform', auth: 'session', role: 'admin' } as const

export const getMailStatus = defineAction({
  ...at,
  id: 'mail.status.get',
  method: 'GET',
  path: '/mail',
  risk: 'read',
  summary: 'Say whether mail is set up, and how the last ones went.',
  success: { status: 200, body: MailStatus },
  errors: [],
})

export const sendTestMail = defineAction({
  ...at,
  id: 'mail.test.send',
  method: 'POST',
  path: '/mail/test',
  risk: 'change',
  summary: 'Send yourself a mail, to see whether it arrives.',
  success: { status: 200, body: z.strictObject(mailed) },
  errors: [],
  audit: { target: { fixed: 'own e-mail' }, fields: {} },
})
