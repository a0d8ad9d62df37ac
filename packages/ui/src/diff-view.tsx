import { cleanLogText } from './clean-log-text.ts'
import { diffLines } from './diff-lines.ts'

/** A script's text with numbers; against an earlier one with + and − before colour. */
export function ScriptText({ text, before }: { readonly text: string; readonly before: string | null }) {
  const lines =
    before === null
      ? text.split('\n').map((line, at) => ({ sign: ' ' as const, text: line, before: null, after: at + 1 }))
      : diffLines(before, text)
  return (
    <div className="objs">
      <div className="log diff scroll" tabIndex={0} role="region" aria-label="Text of the script">
        {lines.map((line, at) => (
          <div key={at} className={`l ${line.sign === '+' ? 'add' : line.sign === '-' ? 'del' : ''}`}>
            <span className="no">{line.after ?? line.before}</span>
            <span className="sg">{line.sign === '-' ? '−' : line.sign}</span>
            <span className="tx">{cleanLogText(line.text)}</span>
          </div>
        ))}
      </div>
    </div>
  )
}
