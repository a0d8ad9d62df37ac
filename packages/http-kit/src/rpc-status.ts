import type { Problem } from '@console/contracts/problem'

/** Codes of google.rpc.Code for what HTTP says; what is missing here is unknown (2). */
const codes: Readonly<Record<number, number>> = { 400: 3, 401: 16, 403: 7, 404: 5, 413: 3, 415: 3, 429: 8, 500: 13, 503: 14 }

/**
 * A refusal as senders of OTLP read it: google.rpc.Status, in the type of the request.
 * Source: the OTLP specification, section OTLP/HTTP Response; fields 1 (code) and 2 (message).
 */
export function statusOf(
  { status, detail }: Pick<Problem, 'status' | 'detail'>,
  asked: string | undefined,
): { type: string; bytes: Buffer } {
  const code = codes[status] ?? 2
  if (asked !== 'application/x-protobuf') return { type: 'application/json', bytes: Buffer.from(JSON.stringify({ code, message: detail })) }
  const message = Buffer.from(detail).subarray(0, 16_000)
  const size = message.length < 128 ? [message.length] : [(message.length & 127) | 128, message.length >> 7]
  return { type: 'application/x-protobuf', bytes: Buffer.concat([Buffer.from([8, code, 18, ...size]), message]) }
}
