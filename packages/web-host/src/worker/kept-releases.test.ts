import { createHash } from 'node:crypto'
import { expect, test, vi } from 'vitest'
import { judgeRequest, type Release } from './judge-request.ts'
import { answerChunk, answerPage, dropOlderReleases, findKept, keepRelease, type Surroundings } from './kept-releases.ts'
import { memoryCaches } from './memory-caches.fake.ts'

const origin = 'https://devops.example'
const chunk = (name: string): string => `/_next/static/chunks/${name}.js`
const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64')
const releaseOf = (id: string, texts: Readonly<Record<string, string>>): Release => ({
  id,
  files: Object.fromEntries(Object.entries(texts).map(([path, text]) => [path, sha256(text)])),
})
const first = { '/': 'page 1', [chunk('a')]: 'a', [chunk('b')]: 'b' }
const second = { '/': 'page 2', [chunk('a')]: 'a', [chunk('c')]: 'c' }
const third = { '/': 'page 3', [chunk('d')]: 'd' }

/** A server with these files, and what it was asked. */
function server(caches: CacheStorage, texts: Readonly<Record<string, string>>, status = 200) {
  const asked: { path: string; init: RequestInit | undefined }[] = []
  const around: Surroundings = {
    caches,
    fetch: async (input, init) => {
      const path = typeof input === 'string' ? input : new URL(input.url).pathname
      asked.push({ path, init })
      const text = texts[path]
      if (text === undefined) throw new TypeError('no network')
      return new Response(text, { status })
    },
  }
  return { around, asked }
}
const ask = (path: string): Request => new Request(`${origin}${path}`)
const textOf = async (reply: Response | Promise<Response | undefined> | undefined): Promise<string | undefined> => (await reply)?.text()

test('a release is kept whole, asked for without a cookie and without following anybody elsewhere', async () => {
  const caches = memoryCaches()
  const { around, asked } = server(caches, first)
  await keepRelease(releaseOf('1', first), around)
  expect(asked.map(({ path }) => path).sort()).toEqual(Object.keys(first).sort())
  for (const { init } of asked) expect(init).toMatchObject({ credentials: 'omit', redirect: 'error' })
  for (const [path, text] of Object.entries(first)) expect(await textOf(findKept(path, releaseOf('1', first), caches))).toBe(text)
})

test.each<[string, Readonly<Record<string, string>>, number]>([
  ['other bytes', { ...first, '/': '<form>your password, please</form>' }, 200],
  ['a file that is not there', { '/': 'page 1' }, 200],
  ['a status that is no success', first, 206],
])('with %s nothing is kept', async (_what, texts, status) => {
  const caches = memoryCaches()
  await expect(keepRelease(releaseOf('1', first), server(caches, texts, status).around)).rejects.toThrow()
  expect(await caches.keys()).toEqual([])
})

test('a release that cannot be kept again leaves what is kept of it', async () => {
  const caches = memoryCaches()
  const release = releaseOf('1', first)
  await keepRelease(release, server(caches, first).around)
  const { around, asked } = server(caches, {})
  await keepRelease(release, around)
  expect(asked).toEqual([])
  await expect(keepRelease({ ...release, files: { ...release.files, [chunk('z')]: 'z' } }, around)).rejects.toThrow()
  expect(await textOf(findKept('/', release, caches))).toBe('page 1')
})

test('across upgrades chunks of one earlier release stay, and no older', async () => {
  const caches = memoryCaches()
  await keepRelease(releaseOf('1', first), server(caches, first).around)
  const { around, asked } = server(caches, second)
  await keepRelease(releaseOf('2', second), around)
  expect(asked.map(({ path }) => path)).not.toContain(chunk('a'))
  await dropOlderReleases(releaseOf('2', second), caches)
  expect(await textOf(answerChunk(ask(chunk('b')), releaseOf('2', second), server(caches, {}).around))).toBe('b')

  await caches.open('of somebody else')
  await keepRelease(releaseOf('3', third), server(caches, third).around)
  await dropOlderReleases(releaseOf('3', third), caches)
  expect(await textOf(findKept(chunk('c'), releaseOf('3', third), caches))).toBe('c')
  expect(await findKept(chunk('b'), releaseOf('3', third), caches)).toBeUndefined()
  expect(await caches.keys()).toContain('of somebody else')
})

test('a page comes from the network, and from what is kept where nothing or an excuse comes back', async () => {
  const caches = memoryCaches()
  const release = releaseOf('1', first)
  await keepRelease(release, server(caches, first).around)
  const answer = (texts: Readonly<Record<string, string>>, status?: number) =>
    answerPage(ask('/?id=7'), release, server(caches, texts, status).around).then((reply) => reply.text())
  expect(await answer({ '/': 'newer page' })).toBe('newer page')
  expect(await answer({ '/': 'moved' }, 404)).toBe('moved')
  expect(await answer({ '/': 'bad gateway' }, 502)).toBe('page 1')
  expect(await answer({})).toBe('page 1')
  // Never the page of another release: its chunks may be gone.
  await expect(answerPage(ask('/'), releaseOf('2', second), server(caches, {}).around)).rejects.toThrow('no network')
  expect(await textOf(answerPage(ask('/'), releaseOf('2', second), server(caches, { '/': 'bad gateway' }, 502).around))).toBe('bad gateway')
})

test('a network that swallows what it is asked holds no page that is kept', async () => {
  vi.useFakeTimers()
  try {
    const caches = memoryCaches()
    const release = releaseOf('1', first)
    await keepRelease(release, server(caches, first).around)
    let reply = (_reply: Response): void => undefined
    const silent = { caches, fetch: () => new Promise<Response>((resolve) => (reply = resolve)) }
    let answered = ''
    void textOf(answerPage(ask('/'), release, silent)).then((text) => (answered = text ?? ''))
    await vi.advanceTimersByTimeAsync(9_999)
    expect(answered).toBe('')
    await vi.advanceTimersByTimeAsync(1)
    expect(answered).toBe('page 1')
    // Where nothing is kept, the network alone can say.
    const other = textOf(answerPage(ask('/'), releaseOf('2', second), silent))
    await vi.advanceTimersByTimeAsync(60_000)
    reply(new Response('late'))
    expect(await other).toBe('late')
    expect(vi.getTimerCount()).toBe(0)
  } finally {
    vi.useRealTimers()
  }
})

const asked = (path: string, more: Partial<{ method: string; mode: RequestMode; headers: Headers }> = {}) => ({
  method: 'GET',
  mode: 'navigate' as RequestMode,
  headers: new Headers(),
  url: path.startsWith('/') ? `${origin}${path}` : path,
  ...more,
})

test.each([
  [asked('/'), 'page'],
  [asked('/?id=7'), 'page'],
  [asked(chunk('a'), { mode: 'no-cors' }), 'chunk'],
  [asked(chunk('of-the-release-before'), { mode: 'no-cors' }), 'chunk'],
  [asked('/', { mode: 'cors' }), 'pass'],
  [asked('/', { method: 'POST' }), 'pass'],
  [asked('/', { headers: new Headers({ authorization: 'Bearer x' }) }), 'pass'],
  [asked(chunk('a'), { headers: new Headers({ authorization: 'Bearer x' }) }), 'pass'],
  [asked(chunk('a'), { headers: new Headers({ range: 'bytes=0-' }) }), 'pass'],
  [asked('/api/devops/services'), 'pass'],
  [asked('/api/devops/services', { mode: 'cors' }), 'pass'],
  [asked('/platform/api/auth/session'), 'pass'],
  [asked('/settings.json', { mode: 'cors' }), 'pass'],
  [asked('/sw.js', { mode: 'same-origin' }), 'pass'],
  [asked('/nothing'), 'pass'],
  [asked('/__proto__'), 'pass'],
  [asked('/constructor'), 'pass'],
  [asked(`https://api.example${chunk('a')}`), 'pass'],
  [asked('https://api.example/'), 'pass'],
  [asked(`${origin}:444/`), 'pass'],
])('%o is for %s', (request, verdict) => {
  expect(judgeRequest(request, origin, releaseOf('1', first))).toBe(verdict)
})
