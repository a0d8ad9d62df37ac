import { generateKeyPairSync, sign } from 'node:crypto'
import { type AddressInfo, connect, isIPv4, type Socket } from 'node:net'
import { createServer } from 'node:tls'

export type TlsFront = { readonly port: number; leadTo(port: number): void; close(): void }

/** A port that speaks TLS and passes on to a plain one of loopback, as the gateway does; the certificate is good for an hour and for nobody. */
export async function startTlsFront(): Promise<TlsFront> {
  let target = 0
  const open = new Set<Socket>()
  const server = createServer(certificateFor(['*.x.test', '*.test']), (socket) => {
    const behind = connect(target, '127.0.0.1')
    for (const [one, other] of [
      [socket, behind],
      [behind, socket],
    ] as const) {
      open.add(one)
      one.on('error', () => other.destroy())
      one.once('close', () => {
        open.delete(one)
        other.destroy()
      })
      one.pipe(other)
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    leadTo(port) {
      target = port
    },
    close() {
      for (const socket of open) socket.destroy()
      server.close()
    },
  }
}

/** A self-signed X.509 certificate (RFC 5280) for names and IPv4 addresses, with a key of its own: Node makes keys, but no certificates. It began an hour ago, or an hour before an end that is past. */
export function certificateFor(names: readonly string[], endsInMs = 3_600_000): { key: string; cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const ecdsaWithSha256 = sequence(oid('2a8648ce3d040302'))
  const commonName = sequence(der(0x31, sequence(oid('550403'), der(0x0c, Buffer.from(names[0] ?? '')))))
  const time = (ms: number) => der(0x18, Buffer.from(new Date(ms).toISOString().replaceAll(/[-:T]|\.[0-9]+/g, '')))
  const alternatives = sequence(
    ...names.map((name) => (isIPv4(name) ? der(0x87, Buffer.from(name.split('.').map(Number))) : der(0x82, Buffer.from(name)))),
  )
  const signed = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([1])),
    ecdsaWithSha256,
    commonName,
    sequence(time(Date.now() + Math.min(0, endsInMs) - 3_600_000), time(Date.now() + endsInMs)),
    commonName,
    publicKey.export({ format: 'der', type: 'spki' }),
    der(0xa3, sequence(sequence(oid('551d11'), der(0x04, alternatives)))),
  )
  const whole = sequence(signed, ecdsaWithSha256, der(0x03, Buffer.from([0]), sign('sha256', signed, privateKey)))
  const lines = whole.toString('base64').replaceAll(/.{64}/g, '$&\n')
  return {
    key: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
  }
}

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts)
  const { length } = content
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...size]), content])
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return der(0x30, ...parts)
}

function oid(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, 'hex'))
}
