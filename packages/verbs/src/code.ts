import { defineVerb } from './verb.ts'

/** The scripts of a project that may be run, by their exact names. */
export const checkNames = ['typecheck', 'lint', 'build', 'test:run'] as const
export type CheckName = (typeof checkNames)[number]

export const checkCode = defineVerb({
  id: 'code.check',
  daemon: 'host-agent',
  risk: 'change',
  role: 'operator',
  service: false,
  args: {
    runId: { is: 'id' },
    projectPath: { is: 'text', min: 1, max: 400 },
    checks: { is: 'list', of: { is: 'enum', of: checkNames }, max: checkNames.length },
  },
  limits: [{ per: 'actor', max: 20, windowMs: 300_000 }],
  runs: 'node npm-cli.js run <one of the four names>, both by absolute path, once a name: in a copy of the project, as an account of its own, in namespaces without network, without sockets and without any other folder of the host but /usr to read',
})

export const listProjects = defineVerb({
  id: 'code.projects',
  daemon: 'host-agent',
  risk: 'read',
  role: 'viewer',
  service: true,
  args: {},
  limits: [{ per: 'actor', max: 60, windowMs: 60_000 }],
  runs: 'none: reads of folders below the allowed roots and of each package.json',
})
