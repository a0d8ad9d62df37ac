import { cleanLogText } from '@console/log-text/clean-log-text'
import { Ellipsis } from 'lucide-react'
import { useMemo, useState } from 'react'
import { type DiffLine, diffLines } from './diff-lines.ts'
import { Segmented } from './segmented.tsx'

/** Lines without a change that stay around one with. */
const around = 3

/** A script's text with numbers; against an earlier one with + and − before colour, and what did not change folded. */
export function ScriptText({ text, before, name }: { readonly text: string; readonly before: string | null; readonly name: string }) {
  const [whole, setWhole] = useState(false)
  const lines = useMemo(() => linesOf(text, before), [text, before])
  const added = lines.filter(({ sign }) => sign === '+').length
  const removed = lines.filter(({ sign }) => sign === '-').length
  return (
    <div className="objs">
      <div className="row between diffh">
        <span className="mono small">{name}</span>
        <span className="small c2">
          {before === null ? `${lines.length} lines` : `+${added} −${removed} of ${lines.length - removed} lines`}
        </span>
        {before !== null && (
          <Segmented
            small
            label="Show"
            value={whole ? 'whole' : 'changes'}
            onChange={(next) => setWhole(next === 'whole')}
            options={[
              { value: 'changes', label: 'Changes' },
              { value: 'whole', label: 'Whole file' },
            ]}
          />
        )}
      </div>
      <div className="log diff scroll" tabIndex={0} role="region" aria-label="Text of the script">
        {(before === null || whole ? [lines] : folded(lines)).map((part, at) =>
          typeof part === 'number' ? (
            <div key={`fold ${at}`} className="gap">
              <Ellipsis className="ic s" aria-hidden="true" />
              {part} {part === 1 ? 'line' : 'lines'} without a change
              <button type="button" className="link" onClick={() => setWhole(true)}>
                Show the whole file
              </button>
            </div>
          ) : (
            part.map((line) => <Line key={`${line.before} ${line.after}`} line={line} both={before !== null} />)
          ),
        )}
      </div>
    </div>
  )
}

function Line({ line, both }: { readonly line: DiffLine; readonly both: boolean }) {
  return (
    <div className={`l ${line.sign === '+' ? 'add' : line.sign === '-' ? 'del' : ''}`}>
      {both && <span className="no">{line.before}</span>}
      <span className="no">{line.after}</span>
      {both && <span className="sg">{line.sign === '-' ? '−' : line.sign}</span>}
      <span className="tx">{cleanLogText(line.text)}</span>
    </div>
  )
}

/** A text that ends with a line feed has no line after it. */
function linesOf(text: string, before: string | null): DiffLine[] {
  const trimmed = text.replace(/\n$/, '')
  if (before === null) return trimmed.split('\n').map((line, at) => ({ sign: ' ', text: line, before: null, after: at + 1 }))
  // The last line feed itself may be what changed; then the texts are compared as they are.
  const ends = text.endsWith('\n') === before.endsWith('\n')
  return ends ? diffLines(before.replace(/\n$/, ''), trimmed) : diffLines(before, text)
}

/** Changed lines with what stands around them, and between those the count of lines left out. */
function folded(lines: readonly DiffLine[]): (readonly DiffLine[] | number)[] {
  const keeps = new Set(
    lines.flatMap(({ sign }, at) => (sign === ' ' ? [] : Array.from({ length: 2 * around + 1 }, (_, by) => at - around + by))),
  )
  const parts: (DiffLine[] | number)[] = []
  for (const [at, line] of lines.entries()) {
    const last = parts.at(-1)
    if (keeps.has(at)) {
      if (Array.isArray(last)) last.push(line)
      else parts.push([line])
    } else if (typeof last === 'number') parts[parts.length - 1] = last + 1
    else parts.push(1)
  }
  return parts
}
