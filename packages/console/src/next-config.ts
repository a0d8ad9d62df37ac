import type { NextConfig } from 'next'

/**
 * How both dashboards are built.
 * @param root of the workspace
 * @param buildId of whoever builds, so that the same sources make the same pages; a name of chance where there is none
 */
export const dashboardConfig = (root: string, buildId: string | undefined): NextConfig => ({
  output: 'export',
  generateBuildId: () => buildId || null,
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
  turbopack: { root },
  poweredByHeader: false,
  reactStrictMode: true,
})
