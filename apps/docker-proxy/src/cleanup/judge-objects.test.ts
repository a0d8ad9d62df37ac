import { idOf } from '@console/testkit/fake-container'
import { describe, expect, it } from 'vitest'
import { diskObjects } from './disk-objects.ts'
import { judgeObjects } from './judge-objects.ts'
import { sumDisk } from './sum-disk.ts'

const now = Date.parse('2026-03-02T12:00:00.000Z')
const sha = (prefix: string): string => `sha256:${idOf(prefix)}`
const container = (id: string, name: string, more: object = {}) => ({
  Id: idOf(id),
  Names: [`/${name}`],
  Image: 'app:1',
  ImageID: sha('1'),
  State: 'exited',
  Status: 'Exited (0) 2 days ago',
  Created: 1_700_000_000,
  SizeRw: 100,
  Labels: {},
  Mounts: [],
  ...more,
})
const image = (id: string, tags: string[] | null, more: object = {}) => ({
  Id: sha(id),
  RepoTags: tags,
  RepoDigests: null,
  ParentId: '',
  Created: 1_700_000_000,
  Size: 1_000,
  SharedSize: 400,
  Containers: 0,
  Labels: null,
  ...more,
})
const volume = (Name: string, more: object = {}) => ({
  Name,
  Driver: 'local',
  CreatedAt: '2026-01-01T00:00:00Z',
  Labels: null,
  UsageData: { Size: 50, RefCount: 0 },
  ...more,
})
const record = (ID: string, more: object = {}) => ({
  ID,
  Type: 'regular',
  Size: 10,
  InUse: false,
  Shared: false,
  CreatedAt: '2026-01-01T00:00:00Z',
  LastUsedAt: '2026-01-01T00:00:00Z',
  Description: 'RUN echo canary',
  ...more,
})
const df = (parts: object = {}) => ({ LayersSize: 5_000, Containers: [], Images: [], Volumes: [], BuildCache: null, ...parts })
const verdicts = (parts: object, protectedImages = new Map<string, string[]>()): Record<string, string> =>
  Object.fromEntries(
    judgeObjects(diskObjects(df(parts)), { protectedImages, now }).map(({ id, names, verdict }) => [
      names[0] ?? id.replace(/0+$/, ''),
      'goes' in verdict ? verdict.goes : `${verdict.keeps} ${verdict.note}`.trim(),
    ]),
  )

describe('of the containers', () => {
  it('go those that ended, and no other', () => {
    const Containers = [
      container('a1', 'ended'),
      container('a2', 'never-started', { State: 'created' }),
      container('a3', 'dead', { State: 'dead' }),
      ...['running', 'paused', 'restarting', 'removing', 'something-new'].map((State, at) => container(`b${at}`, `is-${State}`, { State })),
    ]
    expect(verdicts({ Containers })).toEqual({
      ended: 'stopped',
      'never-started': 'stopped',
      dead: 'stopped',
      'is-running': 'in-use running',
      'is-paused': 'in-use paused',
      'is-restarting': 'in-use restarting',
      'is-removing': 'in-use removing',
      // What is not known to have ended has not.
      'is-something-new': 'in-use',
    })
  })

  it('stay those that are marked, the console’s own, and one that is about to be started', () => {
    const Containers = [
      container('a1', 'marked', { Labels: { 'com.bytelyst.protect': 'true' } }),
      container('a2', 'not-marked', { Labels: { 'com.bytelyst.protect': 'false' } }),
      container('a3', 'devops-backend'),
      container('a4', 'new', { State: 'created', Created: now / 1_000 - 60 }),
    ]
    expect(verdicts({ Containers })).toEqual({ marked: 'label', 'not-marked': 'stopped', 'devops-backend': 'console', new: 'recent' })
  })
})

describe('of the images', () => {
  it('go those without a container, told apart by whether anything names them', () => {
    const Images = [
      image('a1', ['app:1', 'app:latest']),
      image('a2', ['<none>:<none>'], { RepoDigests: ['<none>@<none>'] }),
      image('a3', null),
      image('a4', [], { RepoDigests: ['app@sha256:1'] }),
    ]
    expect(verdicts({ Images })).toEqual({
      'app:1': 'unused',
      'sha256:a2': 'dangling',
      'sha256:a3': 'dangling',
      // Pulled by its digest: it has a name, and no tag.
      'sha256:a4': 'unused',
    })
  })

  it('stay those of any container, by id or by name, and whatever the engine counts', () => {
    const Containers = [container('c1', 'one', { Image: 'by-name:1', ImageID: sha('ff') }), container('c2', 'two', { ImageID: sha('b2') })]
    const Images = [
      image('b1', ['by-name:1']),
      image('b2', ['by-id:1']),
      image('b3', ['counted:1'], { Containers: 1 }),
      image('b4', ['uncounted:1'], { Containers: -1 }),
      image('b5', ['unsaid:1'], { Containers: undefined }),
    ]
    expect(verdicts({ Containers, Images })).toMatchObject({
      'by-name:1': 'in-use one',
      'by-id:1': 'in-use two',
      'counted:1': 'in-use',
      'uncounted:1': 'in-use',
      'unsaid:1': 'in-use',
    })
  })

  it('stay those of good deploys, the marked, the parents of others, and those whose name is no plain one', () => {
    const Images = [
      image('d1', ['good:1']),
      image('d2', ['marked:1'], { Labels: { 'com.bytelyst.protect': 'true' } }),
      image('d3', ['parent:1']),
      image('d4', ['child:1'], { ParentId: sha('d3') }),
      image('d5', ['app/../etc:1']),
      image('d6', ['app%2f:1']),
      image('d7', ['registry.example.net:5000/team/app:v1.2']),
    ]
    expect(verdicts({ Images }, new Map([[sha('d1'), ['web', 'api']]]))).toEqual({
      'good:1': 'good-deploy web, api',
      'marked:1': 'label',
      'parent:1': 'parent',
      'child:1': 'unused',
      'app/../etc:1': 'unnameable',
      'app%2f:1': 'unnameable',
      'registry.example.net:5000/team/app:v1.2': 'unused',
    })
  })
})

describe('of the volumes', () => {
  it('go those without a container; a named one is told apart', () => {
    const held = volume('held')
    const Volumes = [volume('e'.repeat(64)), volume('data'), held, volume('counted', { UsageData: { Size: 1, RefCount: 1 } })]
    const Containers = [container('c1', 'holder', { Mounts: [{ Type: 'volume', Name: 'held' }] })]
    expect(verdicts({ Volumes, Containers })).toMatchObject({
      ['e'.repeat(64)]: 'anonymous',
      data: 'named',
      held: 'in-use holder',
      counted: 'in-use',
    })
  })

  it('stay the marked, those that lie elsewhere, and those of which the engine says nothing', () => {
    const Volumes = [
      volume('marked', { Labels: { 'com.bytelyst.protect': 'true' } }),
      volume('remote', { Driver: 'nfs' }),
      volume('unsaid', { UsageData: null }),
      volume('a/../b'),
    ]
    expect(verdicts({ Volumes })).toEqual({ marked: 'label', remote: 'elsewhere', unsaid: 'in-use', 'a/../b': 'unnameable' })
  })
})

it('keeps of the build cache what is used, shared, or rests less than a day', () => {
  const BuildCache = [
    record('old', { Type: 'old' }),
    record('used', { Type: 'used', InUse: true }),
    record('shared', { Type: 'shared', Shared: true }),
    record('internal', { Type: 'internal' }),
    record('frontend', { Type: 'frontend' }),
    record('new', { Type: 'new', LastUsedAt: '2026-03-02T11:00:00Z' }),
    record('made', { Type: 'made', LastUsedAt: null, CreatedAt: '2026-03-02T11:00:00Z' }),
    record('timeless', { Type: 'timeless', LastUsedAt: null, CreatedAt: null }),
    record('x"]}', { Type: 'odd' }),
  ]
  expect(verdicts({ BuildCache })).toEqual({
    old: 'cache',
    used: 'in-use',
    shared: 'shared',
    internal: 'shared',
    frontend: 'shared',
    new: 'recent',
    made: 'recent',
    timeless: 'recent',
    odd: 'unnameable',
  })
})

it('is summed by kind, with layers that images share counted once', () => {
  const Images = [image('a1', ['api:1']), image('a2', ['api:2'])]
  const Volumes = [volume('small'), volume('large', { UsageData: { Size: 70, RefCount: 0 } }), volume('e'.repeat(64))]
  const objects = diskObjects(df({ Images, Volumes, BuildCache: [record('b', { InUse: true })], Containers: [container('c', 'c1')] }))
  const sums = sumDisk(objects, judgeObjects(objects, { protectedImages: new Map(), now }))
  expect(sums).toMatchObject({
    containers: { count: 1, sizeBytes: 100, goes: { stopped: { count: 1, sizeBytes: 100 } }, keeps: {} },
    images: { count: 2, sizeBytes: 5_000, goes: { unused: { count: 2, sizeBytes: 1_200 } } },
    volumes: { count: 3, sizeBytes: 170, goes: { named: { count: 2, sizeBytes: 120 }, anonymous: { count: 1, sizeBytes: 50 } } },
    buildCache: { count: 1, sizeBytes: 10, goes: {}, keeps: { 'in-use': { count: 1, sizeBytes: 10 } } },
    totalBytes: 5_280,
    goesBytes: 1_470,
  })
  expect(sums.namedVolumes.map(({ name }) => name)).toEqual(['large', 'small'])
})

it.each([
  ['no object', 'text'],
  ['no size of layers', df({ LayersSize: undefined })],
  ['no list of containers', df({ Containers: undefined })],
  ['no list of images', df({ Images: {} })],
  ['no list of volumes', df({ Volumes: undefined })],
  ['no list of build cache', df({ BuildCache: undefined })],
  ['a container that is none', df({ Containers: [{ Id: 'short' }] })],
  ['an image that is none', df({ Images: [{ Id: 'app:1' }] })],
  ['a volume without a name', df({ Volumes: [{}] })],
])('is nothing where the engine’s answer has %s, rather than less that is used', (_, body) => {
  expect(() => diskObjects(body)).toThrowError(expect.objectContaining({ code: 'DOCKER_ENGINE_ERROR' }))
})
