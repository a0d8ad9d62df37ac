'use client'
import { Panel } from '@console/ui/panel.tsx'
import { Segmented } from '@console/ui/segmented.tsx'
import { setSingleKeys, singleKeysOn } from '@console/ui/single-keys.ts'
import { chosenTheme, currentDensity, type Density, setDensity, setTheme, type Theme } from '@console/ui/theme.ts'
import { type ReactNode, useEffect, useState } from 'react'

type Look = { readonly theme: Theme | 'system'; readonly density: Density; readonly keys: 'on' | 'off' }
const read = (): Look => ({ theme: chosenTheme() ?? 'system', density: currentDensity(), keys: singleKeysOn() ? 'on' : 'off' })

/** How this browser shows the console; kept in the browser, for whoever uses it. */
export function AppearancePanel() {
  const [look, setLook] = useState<Look | null>(null)
  useEffect(() => setLook(read()), [])
  if (!look) return null
  const after = (change: () => void): void => {
    change()
    setLook(read())
  }
  return (
    <Panel title="Appearance" label="kept in this browser">
      <Choice title="Theme" text="The button in the header switches between dark and light.">
        <Segmented
          label="Theme"
          value={look.theme}
          onChange={(theme) => after(() => setTheme(theme === 'system' ? null : theme))}
          options={[
            { value: 'system', label: 'Like the system' },
            { value: 'dark', label: 'Dark' },
            { value: 'light', label: 'Light' },
          ]}
        />
      </Choice>
      <Choice title="Density" text="Compact lists show one line a row.">
        <Segmented
          label="Density"
          value={look.density}
          onChange={(density) => after(() => setDensity(density))}
          options={[
            { value: 'normal', label: 'Normal' },
            { value: 'compact', label: 'Compact' },
          ]}
        />
      </Choice>
      <Choice title="Single keys" text="Letters alone do something outside fields. Switch them off where speech is typed. Ctrl K stays.">
        <Segmented
          label="Single keys"
          value={look.keys}
          onChange={(keys) => after(() => setSingleKeys(keys === 'on'))}
          options={[
            { value: 'on', label: 'On' },
            { value: 'off', label: 'Off' },
          ]}
        />
      </Choice>
    </Panel>
  )
}

function Choice({ title, text, children }: { readonly title: string; readonly text: string; readonly children: ReactNode }) {
  return (
    <div className="fact">
      <div className="grow">
        <p className="strong">{title}</p>
        <p>{text}</p>
      </div>
      {children}
    </div>
  )
}
