const name = 'bytelyst.keys.v1'

/** Whether letters alone do something. They can be switched off: speech input types letters too (WCAG 2.1.4). */
export function singleKeysOn(): boolean {
  try {
    return localStorage.getItem(name) !== 'off'
  } catch {
    return true
  }
}

export function setSingleKeys(on: boolean): void {
  try {
    if (on) localStorage.removeItem(name)
    else localStorage.setItem(name, 'off')
  } catch {
    // Without storage they stay on.
  }
}
