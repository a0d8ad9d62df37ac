import { Button } from '@console/ui/button.tsx'
import { Blank } from '@console/ui/states.tsx'
import { RotateCw } from 'lucide-react'

/** docker-proxy answers, and the engine behind it does not: what is known, and what helps. */
export function DockerAway({ known, asOf, onTry }: { readonly known: boolean; readonly asOf: string | null; readonly onTry: () => void }) {
  return (
    <section className="panel mb" aria-label="Docker">
      <Blank
        kind="unknown"
        title="Docker is not reachable"
        actions={
          <Button icon={<RotateCw className="ic s" aria-hidden="true" />} onClick={onTry}>
            Try now
          </Button>
        }
      >
        <p>
          docker-proxy answers, but the engine behind it does not. The state of containers is unknown, not down.
          {known && asOf ? ` Below is what was known at ${asOf.slice(11, 19)} UTC.` : ''} Health checks, deployments and audit go on.
        </p>
        <p className="cap3">On the host, look at the engine, and whether the account of docker-proxy is in the group docker:</p>
        <pre className="codebox">{'systemctl status docker\njournalctl -u docker -n 50'}</pre>
        <p className="small c3">This page recovers by itself.</p>
      </Blank>
    </section>
  )
}
