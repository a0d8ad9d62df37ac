import type { DiskUse } from '@console/contracts/docker/disk-schemas'
import { formatBytes } from '@console/ui/format.ts'
import { Panel } from '@console/ui/panel.tsx'
import { partsOf } from './disk-words.ts'

const width = 1_000
const gap = 3

/** One bar of all that Docker takes; what can go is bright, what stays is dim. */
export function SpacePanel({ use }: { readonly use: DiskUse }) {
  const parts = partsOf(use)
  const total = parts.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  const room = width - gap * Math.max(0, parts.length - 1)
  let left = 0
  const bars = parts.map((part) => {
    const bar = { ...part, x: left, width: Math.max(1, (part.sizeBytes / total) * room) }
    left += bar.width + gap
    return bar
  })
  return (
    <Panel title="What takes the space">
      <div className="pad stack m">
        {parts.length === 0 ? (
          <p className="c2">Docker keeps nothing on this host.</p>
        ) : (
          <>
            <svg
              className="du"
              viewBox={`0 0 ${width} 22`}
              preserveAspectRatio="none"
              role="img"
              aria-label={`Docker takes ${formatBytes(use.totalBytes)}`}
            >
              {bars.map(({ key, x, width: wide }) => (
                <rect key={key} className={`du-${key}`} x={x} width={wide} height="22" />
              ))}
            </svg>
            <div className="legend">
              {parts.map(({ key, label, sizeBytes }) => (
                <span key={key}>
                  <svg viewBox="0 0 10 10" aria-hidden="true">
                    <rect className={`du-${key}`} width="10" height="10" rx="1.5" />
                  </svg>
                  {label} <b>{formatBytes(sizeBytes)}</b>
                </span>
              ))}
            </div>
          </>
        )}
      </div>
    </Panel>
  )
}
