const key = 'bytelyst.theme.v1'
export type Theme = 'dark' | 'light'

/** For the head of every page, before anything is painted; web-host allows it by its hash. */
export const themeScript = `(function(){try{var t=localStorage.getItem("${key}")}catch(e){}if(t==="light"||(!t&&matchMedia("(prefers-color-scheme: light)").matches))document.documentElement.setAttribute("data-theme","light")})()`

export function currentTheme(): Theme {
  return document.documentElement.getAttribute('data-theme') === 'light' ? 'light' : 'dark'
}

/** Keeps the choice where it can; without storage it holds for this page. */
export function setTheme(theme: Theme): void {
  if (theme === 'light') document.documentElement.setAttribute('data-theme', 'light')
  else document.documentElement.removeAttribute('data-theme')
  try {
    localStorage.setItem(key, theme)
  } catch {
    // Storage may be forbidden; the page keeps what was chosen.
  }
}
