import { request as plain } from 'node:http'
import { request as secure } from 'node:https'

export class AzureError extends Error {
  /** `away`: no answer, or one that may be another in a moment. `refused`: no right, nothing of this name, a wrong secret of the client. */
  readonly code: 'away' | 'refused'
  constructor(code: 'away' | 'refused', message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
/** A request over HTTPS; plain HTTP is for what hands out tokens on this machine's own link. */
export type Asked = {
  readonly address: string
  readonly headers?: Record<string, string>
  readonly form?: URLSearchParams
  readonly ca?: string | undefined
}
const timeoutMs = 10_000
const tries = 3

type Json = {
  readonly value?: unknown
  readonly access_token?: unknown
  readonly expires_in?: unknown
  readonly error?: { readonly code?: string }
}
export type Answer = { readonly status: number; readonly retryAfterMs: number | undefined; readonly json: Json }

/** Asks again where it is away or busy; a `Retry-After` is heeded up to ten seconds. */
export async function patiently(asked: Asked, pauseMs: number): Promise<Answer> {
  for (let left = tries - 1; ; left -= 1) {
    let answer: Answer | undefined
    try {
      answer = await send(asked)
      if (answer.status !== 429 && answer.status < 500) return answer
    } catch (cause) {
      if (left === 0) throw new AzureError('away', `${new URL(asked.address).host} does not answer: ${(cause as Error).message}`, { cause })
    }
    if (left === 0) throw new AzureError('away', `${new URL(asked.address).host} is busy or failing (${answer?.status}).`)
    await new Promise((resolve) => setTimeout(resolve, Math.min(answer?.retryAfterMs ?? pauseMs * (tries - left), 10_000)))
  }
}

function send({ address, headers, form, ca }: Asked): Promise<Answer> {
  const url = new URL(address)
  const body = form?.toString()
  return new Promise((resolve, reject) => {
    const call = (url.protocol === 'http:' ? plain : secure)(
      url,
      {
        method: body === undefined ? 'GET' : 'POST',
        headers: {
          accept: 'application/json',
          ...headers,
          ...(body !== undefined && { 'content-type': 'application/x-www-form-urlencoded' }),
        },
        signal: AbortSignal.timeout(timeoutMs),
        ...(ca !== undefined && { ca }),
      },
      (reply) => {
        const chunks: Buffer[] = []
        reply.on('data', (chunk: Buffer) => chunks.push(chunk))
        reply.on('error', reject)
        reply.on('end', () => {
          const seconds = Number(reply.headers['retry-after'])
          const retryAfterMs = Number.isFinite(seconds) ? seconds * 1_000 : undefined
          resolve({ status: reply.statusCode ?? 0, retryAfterMs, json: jsonOf(Buffer.concat(chunks).toString()) })
        })
      },
    )
    call.on('error', reject)
    call.end(body)
  })
}

function jsonOf(text: string): Json {
  try {
    return (JSON.parse(text) ?? {}) as Json
  } catch {
    return {}
  }
}

/** Never with the body: it may repeat what was sent. */
export function refusal(who: string, { status, json }: Answer): AzureError {
  const code = typeof json.error?.code === 'string' ? `, ${json.error.code}` : ''
  return new AzureError('refused', `${who} refused (${status}${code}).`)
}
