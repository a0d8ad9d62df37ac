import { join } from 'node:path'
import process from 'node:process'
import type { NextConfig } from 'next'

const config: NextConfig = {
  output: 'export',
  // Whoever builds names what it builds from, so that the same sources make the same pages. A name of chance where nobody does.
  generateBuildId: () => process.env.BUILD_ID || null,
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
