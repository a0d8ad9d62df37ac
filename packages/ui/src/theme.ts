const key = 'bytelyst.theme.v1'
const densityKey = 'bytelyst.density.v1'
const lightScheme = '(prefers-color-scheme: light)'
export type Theme = 'dark' | 'light'
export type Density = 'normal' | 'compact'

/** For the head of every page, before anything is painted; web-host allows it by its hash. */
export const themeScript = `(function(){var d=document.documentElement,t,r;try{t=localStorage.getItem("${key}");r=localStorage.getItem("${densityKey}")}catch(e){}if(t==="light"||(t!=="dark"&&matchMedia("${lightScheme}").matches))d.setAttribute("data-theme","light");if(r==="compact")d.setAttribute("data-density","compact")})()`

export function currentTheme(): Theme {
  return document.documentElement.getAttribute('data-theme') === 'light' ? 'light' : 'dark'
}

/** What was chosen; null while the theme follows the system. */
export function chosenTheme(): Theme | null {
  const stored = read(key)
  return stored === 'light' || stored === 'dark' ? stored : null
}

/** Keeps the choice where it can; without storage it holds for this page. `null` follows the system again. */
export function setTheme(theme: Theme | null): void {
  show(theme ?? systemTheme())
  write(key, theme)
}

/** Takes over what another tab chose, and follows the system where nothing is chosen. @returns how to stop */
export function followTheme(): () => void {
  const onStorage = (event: StorageEvent): void => {
    if (event.key === key || event.key === null) show(chosenTheme() ?? systemTheme())
  }
  const scheme = matchMedia(lightScheme)
  const onScheme = (): void => show(chosenTheme() ?? systemTheme())
  addEventListener('storage', onStorage)
  scheme.addEventListener('change', onScheme)
  return () => {
    removeEventListener('storage', onStorage)
    scheme.removeEventListener('change', onScheme)
  }
}

export function currentDensity(): Density {
  return document.documentElement.getAttribute('data-density') === 'compact' ? 'compact' : 'normal'
}

export function setDensity(density: Density): void {
  if (density === 'compact') document.documentElement.setAttribute('data-density', 'compact')
  else document.documentElement.removeAttribute('data-density')
  write(densityKey, density === 'compact' ? density : null)
}

function show(theme: Theme): void {
  if (theme === 'light') document.documentElement.setAttribute('data-theme', 'light')
  else document.documentElement.removeAttribute('data-theme')
}

function systemTheme(): Theme {
  return matchMedia(lightScheme).matches ? 'light' : 'dark'
}

function read(name: string): string | null {
  try {
    return localStorage.getItem(name)
  } catch {
    return null
  }
}

function write(name: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(name)
    else localStorage.setItem(name, value)
  } catch {
    // Storage may be forbidden; the page keeps what was chosen.
  }
}
