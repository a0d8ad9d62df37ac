import type { MetadataRoute } from 'next'

type Shortcut = { readonly name: string; readonly url: string }

/** What a browser needs to install a dashboard. The colours are those of the dark theme's header and page. */
export function dashboardManifest(
  name: string,
  shortName: string,
  description: string,
  shortcuts: readonly Shortcut[],
): MetadataRoute.Manifest {
  const icon = (file: string, size: number, purpose: 'any' | 'maskable') => ({
    src: `/icons/${file}.png`,
    sizes: `${size}x${size}`,
    type: 'image/png',
    purpose,
  })
  return {
    id: '/',
    name,
    short_name: shortName,
    description,
    start_url: '/',
    scope: '/',
    display: 'standalone',
    background_color: '#0d1114',
    theme_color: themeColour,
    icons: [icon('icon-192', 192, 'any'), icon('icon-512', 512, 'any'), icon('maskable-512', 512, 'maskable')],
    shortcuts: shortcuts.map(({ name: label, url }) => ({ name: label, url })),
  }
}

/** `--panel` of the dark theme, which the header is drawn on. */
export const themeColour = '#13191d'
