/** What a person reaches after signing in, and through whom. The words beside it say the same, so it is hidden from readers. */
export function ReachMap() {
  return (
    <svg className="reach" viewBox="9 18 602 410" aria-hidden="true">
      <defs>
        <marker id="arrowhead" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
          <path d="M1 1 7 4 1 7" fill="none" stroke="var(--void-edge)" strokeWidth="1.4" />
        </marker>
      </defs>
      {arrows.map((way) => (
        <path key={way} className="ar" d={way} markerEnd="url(#arrowhead)" />
      ))}
      <path className="ar" d="M307 104V137" />
      {boxes.map((box) => (
        <Box key={box.name} {...box} />
      ))}
      <path className="seal0" d="M10 400H610" />
      <text className="s" x="10" y="420">
        Every step, refused ones too, is a row in four logs that sign each other.
      </text>
    </svg>
  )
}

const arrows = [
  'M150 62H214',
  'M400 62H460',
  'M307 137H235Q225 137 225 147V170',
  'M307 137H485Q495 137 495 147V170',
  'M225 250V310',
  'M495 250V310',
]
type BoxProps = {
  readonly name: string
  readonly lines: readonly string[]
  readonly at: readonly [x: number, y: number, width: number, height: number]
  readonly look?: 'me' | 'low'
}
const boxes: readonly BoxProps[] = [
  { name: 'You', lines: ['your password,', 'your role'], at: [10, 20, 140, 84], look: 'me' },
  { name: 'Console API', lines: ['no Docker socket,', 'no root, no scripts'], at: [214, 20, 186, 84] },
  { name: 'Identity', lines: ['people, sessions,', 'confirmations'], at: [460, 20, 150, 84] },
  { name: 'docker-proxy', lines: ['fixed requests; checks you', 'itself, keeps its own journal'], at: [110, 170, 230, 80] },
  { name: 'host-agent', lines: ['approved scripts; checks you', 'itself, keeps its own journal'], at: [380, 170, 230, 80] },
  { name: 'Docker', lines: ['containers and their logs'], at: [110, 310, 230, 60], look: 'low' },
  { name: 'This host', lines: ['deploys and health checks'], at: [380, 310, 230, 60], look: 'low' },
]

function Box({ name, lines, at: [x, y, width, height], look = undefined }: BoxProps) {
  return (
    <g className={look}>
      <rect x={x} y={y} width={width} height={height} rx="6" />
      <text className="t" x={x + 14} y={y + 25}>
        {name}
      </text>
      {lines.map((line, at) => (
        <text key={line} className="s" x={x + 14} y={y + 45 + at * 17}>
          {line}
        </text>
      ))}
    </g>
  )
}
