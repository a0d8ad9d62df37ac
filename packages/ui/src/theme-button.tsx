'use client'
import { Moon, Sun } from 'lucide-react'
import { Button } from './button.tsx'
import { currentTheme, setTheme } from './theme.ts'

export function ThemeButton({ className = '' }: { readonly className?: string }) {
  const icon = (
    <>
      <Sun className="ic to-light" aria-hidden="true" />
      <Moon className="ic to-dark" aria-hidden="true" />
    </>
  )
  return (
    <Button
      look="quiet"
      className={className}
      aria-label="Switch theme"
      icon={icon}
      onClick={() => setTheme(currentTheme() === 'light' ? 'dark' : 'light')}
    />
  )
}
