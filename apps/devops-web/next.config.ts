import { join } from 'node:path'
import type { NextConfig } from 'next'

const config: NextConfig = {
  output: 'export',
  transpilePackages: [
    '@console/ui',
    '@console/console',
    '@console/api-client',
    '@console/contracts',
    '@console/verbs',
    '@console/log-text',
  ],
  // Types are checked by `pnpm verify`, once for the whole workspace.
  typescript: { ignoreBuildErrors: true },
  turbopack: { root: join(import.meta.dirname, '../..') },
  poweredByHeader: false,
  reactStrictMode: true,
}

export default config
