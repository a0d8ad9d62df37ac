'use client'
import { reportTelemetry } from '@console/contracts/telemetry/actions'
import { Button } from '@console/ui/button.tsx'
import { Blank } from '@console/ui/states.tsx'
import { Component, type ReactNode } from 'react'
import { useConsole } from './console-provider.tsx'

type Props = { readonly page: string; readonly report: (error: Error) => void; readonly children: ReactNode }

/** Keeps the shell usable when a page breaks, and says so to `/telemetry`. */
export function PageBoundary({ page, children }: { readonly page: string; readonly children: ReactNode }) {
  const { client } = useConsole()
  const report = (error: Error): void => {
    const { message, stack = null } = error
    client
      .call(reportTelemetry, {
        body: {
          reports: [{ kind: 'error', page, message: message.slice(0, 1_000), stack: stack?.slice(0, 8_000) ?? null, release: 'dev' }],
        },
      })
      .catch(() => undefined)
  }
  return (
    <Boundary key={page} page={page} report={report}>
      {children}
    </Boundary>
  )
}

class Boundary extends Component<Props, { error: Error | null }> {
  override state: { error: Error | null } = { error: null }
  static getDerivedStateFromError(error: Error) {
    return { error }
  }
  override componentDidCatch(error: Error): void {
    this.props.report(error)
  }
  override render(): ReactNode {
    if (!this.state.error) return this.props.children
    return (
      <div className="panel">
        <Blank kind="bad" title="This page broke" actions={<Button onClick={() => this.setState({ error: null })}>Try again</Button>}>
          It was reported. The other pages work. What the browser said: <span className="mono">{this.state.error.message}</span>
        </Blank>
      </div>
    )
  }
}
