'use client'
import { reportTelemetry } from '@console/contracts/telemetry/actions'
import { Button } from '@console/ui/button.tsx'
import { Blank } from '@console/ui/states.tsx'
import { Component, type ReactNode } from 'react'
import { useConsole } from './console-provider.tsx'

const longestMessage = 1_000
const longestStack = 8_000
type Props = {
  readonly page: string
  /** Whether the frame around the pages is inside too: then nothing else is left to go to. */
  readonly frame?: boolean
  readonly report: (error: Error) => void
  readonly children: ReactNode
}

/** Keeps what stands around it usable when a page breaks, and says so to `/telemetry`. */
export function PageBoundary({ page, frame = false, children }: Omit<Props, 'report'>) {
  const { client } = useConsole()
  const report = ({ message, stack }: Error): void => {
    const error = {
      kind: 'error' as const,
      page,
      message: message.slice(0, longestMessage),
      stack: stack?.slice(0, longestStack) ?? null,
      release: 'dev',
    }
    client.call(reportTelemetry, { body: { reports: [error] } }).catch(() => undefined)
  }
  return (
    <Boundary key={page} page={page} frame={frame} report={report}>
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
    const { error } = this.state
    if (!error) return this.props.children
    const { frame } = this.props
    const broken = (
      <section className="panel" role="alert">
        <Blank
          kind="bad"
          title={frame ? 'The dashboard broke' : 'This page broke'}
          actions={
            <Button onClick={() => (frame ? location.reload() : this.setState({ error: null }))}>{frame ? 'Reload' : 'Try again'}</Button>
          }
        >
          It was reported. {frame ? 'The services go on.' : 'The other pages work.'} What the browser said:{' '}
          <span className="mono">{error.message}</span>
        </Blank>
      </section>
    )
    return frame ? <main className="main">{broken}</main> : broken
  }
}
