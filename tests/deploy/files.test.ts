import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { textOf } from '../source-files.ts'

type Volume = string | { readonly type: string; readonly source: string; readonly target: string; readonly read_only?: boolean }
type Service = {
  readonly image: string
  readonly pull_policy?: string
  readonly user?: string
  readonly read_only?: boolean
  readonly privileged?: boolean
  readonly restart?: string
  readonly cap_drop?: readonly string[]
  readonly cap_add?: readonly string[]
  readonly security_opt?: readonly string[]
  readonly group_add?: readonly string[]
  readonly network_mode?: string
  readonly profiles?: readonly string[]
  readonly networks?: readonly string[]
  readonly ports?: readonly string[]
  readonly secrets?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  readonly volumes?: readonly Volume[]
  readonly logging?: { readonly options: Readonly<Record<string, string>> }
  readonly labels?: readonly string[]
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>
  readonly mem_limit?: string
  readonly pids_limit?: number
  readonly cpus?: number
}

const overrides = ['acme', 'certificate', 'behind', 'proxy', 'local'] as const
const read = (name: string) => parse(textOf(`deploy/${name}`), { merge: true }) as { readonly services: Readonly<Record<string, Service>> }
const { services } = read('compose.yaml')
const named = Object.entries(services)
const sourceOf = (volume: Volume): string => (typeof volume === 'string' ? (volume.split(':')[0] ?? '') : volume.source)
const at = (service: string, target: string) =>
  services[service]?.volumes?.find((volume) => typeof volume !== 'string' && volume.target === target)

describe('deploy/compose.yaml', () => {
  it('has the parts, the gateway, what publishes keys and what makes backups', () => {
    expect(Object.keys(services).sort()).toEqual(
      ['admin-web', 'backups', 'devops-backend', 'devops-web', 'docker-proxy', 'gateway', 'keys', 'platform-service'].sort(),
    )
  })

  it.each(named)('holds %s: no rights, nothing to write but its own, and limits', (name, service) => {
    expect(service).toMatchObject({ user: '1001:1001', read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] })
    expect([service.privileged, service.cap_add]).toEqual([undefined, undefined])
    expect(service.mem_limit).toMatch(/^[0-9]+m$/)
    expect([(service.pids_limit ?? 0) > 0, (service.cpus ?? 0) > 0]).toEqual([true, true])
    expect(service.logging?.options).toEqual({ 'max-size': '10m', 'max-file': '3' })
    expect(service.restart).toBe(['keys', 'backups'].includes(name) ? 'no' : 'unless-stopped')
  })

  it('has the engine make the folder of host-agent where nobody else does, so that a host which was started anew has all parts', () => {
    expect(at('devops-backend', '/run/host-agent')).toMatchObject({ bind: { create_host_path: true } })
  })

  it('fetches no image of a part from a registry, and the gateway’s where it is not there', () => {
    expect(named.map(([name, { pull_policy: policy }]) => [name, policy])).toEqual(
      named.map(([name]) => [name, name === 'gateway' ? 'missing' : 'never']),
    )
  })

  it('gives the engine to docker-proxy alone, which has no network', () => {
    const sees = named.filter(([, { volumes = [] }]) =>
      volumes.some((volume) => /docker\.sock|DOCKER_SOCKET|containerd/.test(sourceOf(volume))),
    )
    expect(sees.map(([name]) => name)).toEqual(['docker-proxy'])
    expect(named.filter(([, { group_add = [] }]) => group_add.join().includes('DOCKER_GID')).map(([name]) => name)).toEqual([
      'docker-proxy',
    ])
    expect(services['docker-proxy']?.network_mode).toBe('none')
    expect(services.gateway?.environment?.TRAEFIK_PROVIDERS_DOCKER_ENDPOINT).toBe('unix:///run/gateway/docker.sock')
  })

  it('lets those who check keys read them and not write them', () => {
    for (const name of ['docker-proxy', 'devops-backend']) expect(at(name, '/keys')).toMatchObject({ read_only: true })
    const sockets = ['devops-backend', 'gateway'].flatMap((name) =>
      (services[name]?.volumes ?? []).flatMap((volume) =>
        typeof volume !== 'string' && volume.target.startsWith('/run/') ? [[name, volume.target, volume.read_only]] : [],
      ),
    )
    expect(sockets).toEqual([
      ['devops-backend', '/run/docker-proxy', true],
      ['devops-backend', '/run/host-agent', true],
      ['gateway', '/run/gateway', true],
    ])
  })

  it('starts what makes backups on demand alone, without a network', () => {
    expect(services.backups).toMatchObject({ profiles: ['backups'], network_mode: 'none' })
    expect(named.filter(([, { profiles }]) => profiles !== undefined).map(([name]) => name)).toEqual(['backups', 'gateway'])
  })

  it('publishes the ports of the gateway and no other', () => {
    expect(named.filter(([, { ports }]) => ports !== undefined).map(([name]) => name)).toEqual(['gateway'])
    for (const name of overrides)
      for (const { ports = [] } of Object.values(read(`compose.${name}.yaml`).services))
        for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/)
  })

  it('names the port of browsers in every address of the console, and in no name', () => {
    const text = textOf('deploy/compose.yaml')
    const addresses = text.match(/https:\/\/[a-z]+\.\$\{DOMAIN:\?\}.{12}/g) ?? []
    expect(addresses).toHaveLength(6)
    for (const address of addresses) expect(address).toMatch(/\$\{DOMAIN:\?\}\$\{AT_PORT:-\}$/)
    for (const name of ['platform-service', 'devops-backend'])
      expect(services[name]?.environment?.ALLOWED_ORIGINS).toBe(
        `https://devops.\${DOMAIN:?}\${AT_PORT:-},https://admin.\${DOMAIN:?}\${AT_PORT:-}`,
      )
    expect(services.gateway?.environment?.TRAEFIK_ENTRYPOINTS_WEB_HTTP_REDIRECTIONS_ENTRYPOINT_TO).toBe(`:\${PUBLIC_HTTPS_PORT:-443}`)
    expect(text.match(/AT_PORT/g)).toHaveLength(6)
  })

  it('starts each part when those that it needs are well', () => {
    for (const [name, { depends_on = {} }] of named)
      for (const [other, { condition }] of Object.entries(depends_on))
        expect([name, other, condition]).toEqual([name, other, other === 'keys' ? 'service_completed_successfully' : 'service_healthy'])
    expect(Object.keys(services['docker-proxy']?.depends_on ?? {})).toEqual(['platform-service', 'keys'])
  })

  it('hands secrets over as files', () => {
    for (const [name, { environment = {}, secrets = [] }] of named) {
      const secret = Object.entries(environment).filter(
        ([key]) => /SECRET|_KEY|TOKEN|PASS|SMTP|_FILE$/.test(key) && key !== 'AZURE_KEY_VAULT_URL',
      )
      for (const [key, value] of secret)
        expect([name, key, value]).toEqual([name, expect.stringMatching(/_FILE$/), expect.stringMatching(/^\/run\/secrets\//)])
      expect([name, secret.map(([, value]) => value.split('/').at(-1)).sort()]).toEqual([name, [...secrets].sort()])
    }
  })

  it('hands the signing secret of before over, which a rotation fills and deploy.sh makes empty', () => {
    expect(services['platform-service']?.environment?.JWT_SECRET_PREVIOUS_FILE).toBe('/run/secrets/jwt_secret_previous')
    expect(textOf('deploy/deploy.sh')).toMatch(/^readonly given_secrets=\(jwt_secret_previous /m)
  })

  it('hands every setting of the store and of Key Vault to both services, and none to another part', () => {
    const hosted = /^(STORE|COSMOS_.+|AZURE_.+)$/
    const read = [...textOf('docs/reference/environment.md').matchAll(/^\| platform-service \| `([A-Z_]+)`/gm)].map(
      ([, name]) => name ?? '',
    )
    // A secret is handed over as a file alone.
    const wanted = read.filter((name) => hosted.test(name) && !read.includes(`${name}_FILE`)).sort()
    expect(wanted).toContain('COSMOS_KEY_FILE')
    for (const [name, { environment = {} }] of named) {
      const has = Object.keys(environment).filter((key) => hosted.test(key))
      expect([name, has.sort()]).toEqual([name, ['platform-service', 'devops-backend'].includes(name) ? wanted : []])
    }
  })

  it('hands every setting of a sign-in provider to platform-service, its secret as a file, and none to another part', () => {
    const wanted = ['OIDC_CLIENT_ID', 'OIDC_CLIENT_SECRET_FILE', 'OIDC_ISSUER', 'OIDC_NAME']
    const read = [...textOf('docs/reference/environment.md').matchAll(/`(OIDC_[A-Z_]+)` \|/g)].map(([, name]) => name)
    expect(read.sort()).toEqual([...wanted, 'OIDC_CLIENT_SECRET'].sort())
    for (const [name, { environment = {} }] of named)
      expect([
        name,
        Object.keys(environment)
          .filter((key) => key.startsWith('OIDC_'))
          .sort(),
      ]).toEqual([name, name === 'platform-service' ? wanted : []])
  })

  it('leads from each name to one part, and to nothing that is for the inside', () => {
    const rules = named.flatMap(([, { labels = [] }]) =>
      labels.flatMap((label) => {
        const [, router, rule] = /^traefik\.http\.routers\.\$\{CONSOLE_PREFIX:-\}([a-z-]+)\.rule=(.*)$/.exec(label) ?? []
        return router === undefined ? [] : [[router, rule] as const]
      }),
    )
    expect(rules.map(([router]) => router).sort()).toEqual(['admin-web', 'devops-api', 'devops-web', 'platform-api'])
    expect(Object.fromEntries(rules)['platform-api']).toContain('!PathPrefix(`/platform/api/internal`)')
    expect(Object.fromEntries(rules)['devops-api']).toContain('!PathPrefix(`/api/devops/hermes`)')
  })
})

describe('deploy/Dockerfile', () => {
  const text = textOf('deploy/Dockerfile')
  const last = text.slice(text.indexOf(' AS base\n'))
  const targets = ['platform-service', 'devops-backend', 'docker-proxy', 'devops-web', 'admin-web']
  const stageOf = (name: string): string => text.split(/^FROM /m).find((stage) => stage.split('\n')[0]?.endsWith(` AS ${name}`)) ?? ''

  it.each(targets)('has a stage for %s that says how to start it and ask whether it is well', (name) => {
    expect(stageOf(name)).toMatch(/^CMD \["node", /m)
    expect(stageOf(name)).toMatch(/^HEALTHCHECK --interval=1s .* CMD \["bash", "deploy\/image\/healthy\.sh", /m)
    expect(services[name]?.image).toBe(`\${CONSOLE_PROJECT:-bytelyst-console}/${name}:\${CONSOLE_VERSION:?}`)
  })

  it.each(['platform-service', 'devops-backend', 'docker-proxy'])('starts %s with the options of Node that it asks for', (name) => {
    const { nodeFlags } = JSON.parse(textOf(`apps/${name}/package.json`)) as { nodeFlags: readonly string[] }
    const [, line = ''] = /^CMD (\[.*\])$/m.exec(stageOf(name)) ?? []
    expect(JSON.parse(line)).toEqual(['node', '--disable-warning=ExperimentalWarning', ...nodeFlags, `apps/${name}/src/main.ts`])
  })

  it('runs as an ordinary account, ends on SIGTERM and ships nothing that only the build needs', () => {
    expect(last).toContain('\nUSER 1001:1001\n')
    expect(last).not.toMatch(/^USER (?!1001:1001$)/m)
    expect(last).toContain('\nSTOPSIGNAL SIGTERM\n')
    expect(last).not.toMatch(/pnpm|npm |apt-get/)
    expect(text).not.toMatch(/^ADD |curl |wget /m)
  })

  it('lets no process of an image load what takes types away', () => {
    expect(last).toMatch(/^COPY deploy\/image\/healthy\.sh deploy\/image\/ask-backup\.sh deploy\/image\/stripped\.mjs deploy\/image\/$/m)
    expect(last).toMatch(/^ENV .*\bNODE_OPTIONS=--import=\/srv\/deploy\/image\/stripped\.mjs$/m)
  })

  it('is given the sources and nothing else', () => {
    expect(textOf('deploy/Dockerfile.dockerignore').split('\n').slice(1, 9)).toEqual([
      '*',
      '!apps',
      '!packages',
      '!deploy/image',
      '!package.json',
      '!pnpm-lock.yaml',
      '!pnpm-workspace.yaml',
      '!tsconfig*.json',
    ])
  })

  it('makes layers that are the same in each version: what it is called stands after all that a layer is made of', () => {
    const base = text.slice(text.indexOf(' AS base\n'), text.indexOf('FROM base'))
    for (const name of ['VERSION', 'REVISION']) {
      const [, after] = base.split(`ARG ${name}=`)
      expect([name, after]).toEqual([name, expect.not.stringMatching(/^(RUN|COPY|ADD)\b/m)])
    }
  })
})
