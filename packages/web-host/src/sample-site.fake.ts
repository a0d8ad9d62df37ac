import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { readDashboardSettings } from './dashboard-settings.ts'

export const themeScript = "document.documentElement.dataset.theme = 'light'"
export const flightScript = '(self.__next_f = self.__next_f || []).push([1, "a > b"])'

/** A small export as Next lays it out, with things beside it that must not be served. */
export function aSite(): { dir: string; previous: string; remove: () => void } {
  const root = mkdtempSync(join(tmpdir(), 'web-host-'))
  const put = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  const page = (title: string) =>
    `<!DOCTYPE html><html><head><title>${title}</title><script>${themeScript}</script><script src="/_next/static/chunks/main.js" async=""></script></head><body><main>${title}</main><script data-x="a>b">${flightScript}</script></body></html>`
  put('secret.txt', 'TOP SECRET')
  put('site/index.html', page('overview'))
  put('site/services.html', page('services'))
  put('site/settings/scripts.html', page('scripts'))
  put('site/docs/index.html', page('docs'))
  put('site/404.html', page('nothing here'))
  put('site/services.txt', '1:"flight"')
  put('site/a file.svg', '<svg xmlns="http://www.w3.org/2000/svg"/>')
  put('site/_next/static/chunks/main.js', `// ${'the same words again and again. '.repeat(500)}`)
  put('site/.env', 'TOP SECRET')
  put('site/.git/config', 'TOP SECRET')
  symlinkSync(join(root, 'secret.txt'), join(root, 'site/link.txt'))
  symlinkSync(root, join(root, 'site/linked'))
  put('previous/_next/static/chunks/old.js', 'old()')
  put('previous/_next/static/chunks/main.js', 'TOP SECRET')
  put('previous/old-page.html', 'TOP SECRET')
  return { dir: join(root, 'site'), previous: join(root, 'previous'), remove: () => rmSync(root, { recursive: true, force: true }) }
}

/** Settings as in production. */
export const settings = readDashboardSettings({}).settings

export type RawAnswer = { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: Buffer }

/** Sends bytes as they are and reads until the server ends the connection; the answer to the first request. */
export function sendRaw(port: number, text: string, address = '127.0.0.1'): Promise<RawAnswer> {
  return new Promise((done, failed) => {
    const chunks: Buffer[] = []
    const socket = connect(port, address, () => socket.write(text))
    socket.setTimeout(5000, () => socket.destroy(new Error('no end')))
    socket.on('data', (bytes) => chunks.push(bytes))
    socket.on('error', failed)
    socket.on('close', () => done(parse(Buffer.concat(chunks))))
  })
}

/** A plain GET on a connection of its own. */
export function get(port: number, path: string, headers: Readonly<Record<string, string>> = {}, method = 'GET'): Promise<RawAnswer> {
  const lines = Object.entries({ host: `localhost:${port}`, connection: 'close', ...headers }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  )
  return sendRaw(port, `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`)
}

function parse(bytes: Buffer): RawAnswer {
  const end = bytes.indexOf('\r\n\r\n')
  const [status = '', ...lines] = bytes.toString('latin1', 0, end).split('\r\n')
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  )
  return { status: Number(status.split(' ')[1]), headers, body: bytes.subarray(end + 4) }
}
