import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire'

/** What of a request was not taken: how many, and why. */
export type Partly = {
  readonly field: 'rejectedSpans' | 'rejectedDataPoints' | 'rejectedLogRecords'
  readonly count: number
  readonly message: string
}

/** The answer to an export: empty where all was taken, else its partial success; in the type of the request. */
export function partialAnswer(type: string, { field, count, message }: Partly): { readonly type: string; readonly bytes: Buffer } {
  if (type === 'application/json') {
    const body = count === 0 ? {} : { partialSuccess: { [field]: String(count), errorMessage: message } }
    return { type, bytes: Buffer.from(JSON.stringify(body)) }
  }
  if (count === 0) return { type, bytes: Buffer.alloc(0) }
  // Field 1 of all three answers is the partial success, whose fields 1 and 2 are the count and the message.
  const partly = new BinaryWriter().tag(1, WireType.Varint).int64(count).tag(2, WireType.LengthDelimited).string(message).finish()
  return { type, bytes: Buffer.from(new BinaryWriter().tag(1, WireType.LengthDelimited).bytes(partly).finish()) }
}
