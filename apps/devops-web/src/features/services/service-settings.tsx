'use client'
import { ConfirmDialog } from '@console/console/confirm-dialog.tsx'
import { useConsole } from '@console/console/console-provider.tsx'
import { QueryState } from '@console/console/query-state.tsx'
import { useRead, useWhyNot } from '@console/console/use-action.ts'
import { listServices, listVariables, removeService } from '@console/contracts/services/actions'
import type { Service } from '@console/contracts/services/schemas'
import { Button } from '@console/ui/button.tsx'
import { Facts, Panel } from '@console/ui/panel.tsx'
import { Blank } from '@console/ui/states.tsx'
import { Ago } from '@console/ui/time-text.tsx'
import { Trash2 } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { paths } from '../../lib/paths.ts'

/** What is registered, the variables, and the way out of the registry. */
export function ServiceSettings({ service }: { readonly service: Service }) {
  const whyNot = useWhyNot()
  const [removing, setRemoving] = useState(false)
  const { containers } = service
  return (
    <div className="cols c-2">
      <Panel title="Registered">
        <div className="pad">
          <Facts
            items={[
              [
                'Name',
                <span key="n" className="mono">
                  {service.name}
                </span>,
              ],
              ['Description', service.description || '–'],
              ['Environment', service.environment],
              ['Owner', service.owner || '–'],
              ['Tags', service.tags.join(', ') || '–'],
              [
                'Containers',
                containers.by === 'none'
                  ? 'none'
                  : containers.by === 'project'
                    ? `compose project ${containers.project}`
                    : containers.names.join(', '),
              ],
              [
                'Registered',
                <span key="c">
                  <Ago at={service.createdAt} /> by {service.createdBy}
                </span>,
              ],
              [
                'Changed',
                <span key="u">
                  <Ago at={service.updatedAt} /> by {service.updatedBy}
                </span>,
              ],
            ]}
          />
        </div>
      </Panel>
      <div className="stack">
        <VariablesPanel id={service.id} />
        <Panel title="Delete from the registry">
          <div className="pad stack m">
            <p className="c2">Its checks, variables and page end. Whatever runs on the host goes on, and its history stays.</p>
            <div className="row w">
              <Button
                look="risk"
                icon={<Trash2 className="ic s" aria-hidden="true" />}
                disabledReason={whyNot(removeService) ?? (service.openRun ? `#${service.openRun.number} is under way` : null)}
                onClick={() => setRemoving(true)}
              >
                Delete {service.name}…
              </Button>
            </div>
          </div>
        </Panel>
      </div>
      {removing && <RemoveDialog service={service} onClose={() => setRemoving(false)} />}
    </div>
  )
}

function VariablesPanel({ id }: { readonly id: string }) {
  const whyNot = useWhyNot()
  const denied = whyNot(listVariables)
  const variables = useRead(listVariables, { params: { id } }, { enabled: denied === null })
  return (
    <Panel title="Variables" label="given to the script">
      {denied ? (
        <Blank kind="denied" title="Not for your role">
          {denied}
        </Blank>
      ) : (
        <QueryState query={variables} what="Variables" />
      )}
      {variables.data && (
        <div className="pad">
          {variables.data.items.length === 0 ? (
            <p className="c2">None.</p>
          ) : (
            <Facts
              items={variables.data.items.map(
                ({ name, secret, value, setAt, setBy }) =>
                  [
                    name,
                    <span key={name}>
                      <span className="mono">{secret ? '••••••••' : value}</span>{' '}
                      <span className="small c3">
                        set <Ago at={setAt} /> by {setBy}
                      </span>
                    </span>,
                  ] as const,
              )}
            />
          )}
        </div>
      )}
    </Panel>
  )
}

function RemoveDialog({ service, onClose }: { readonly service: Service; readonly onClose: () => void }) {
  const { client } = useConsole()
  const router = useRouter()
  const host = typeof location === 'undefined' ? '' : location.hostname
  return (
    <ConfirmDialog
      onClose={onClose}
      confirmation={{
        title: `Delete ${service.name} from the registry of ${host}?`,
        verb: removeService.id,
        callee: 'devops-backend',
        plan: { args: { id: service.id } },
        button: `Delete ${service.name}`,
        children: (
          <Facts
            boxed
            items={[
              ['Ends', `${service.checks.length} health checks, ${service.variableNames.length} variables`],
              ['Keeps', 'deployments, incidents and audit rows; whatever runs on the host'],
              ['Cannot be undone', 'register it anew to have it back'],
            ]}
          />
        ),
        changes: [listServices],
        run: async (grant) => {
          await client.call(removeService, { params: { id: service.id }, grant })
        },
        leave: () => router.push(paths.services),
      }}
    />
  )
}
