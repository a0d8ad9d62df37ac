import type { Context } from '@console/http-kit/context'
import type { Ask } from '../../clients/daemon-client.ts'
import type { DockerProxy } from '../../clients/docker-proxy.ts'

export type DockerDeps = { readonly docker: DockerProxy; readonly askAs: (ctx: Context) => Ask }
