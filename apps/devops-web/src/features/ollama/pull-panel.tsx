import { Actor } from '@console/console/actor.tsx'
import { useDo, useWhyNot } from '@console/console/use-action.ts'
import { cancelPull, listModels } from '@console/contracts/ollama/actions'
import type { ModelPull } from '@console/contracts/ollama/schemas'
import { Button } from '@console/ui/button.tsx'
import { formatBytes } from '@console/ui/format.ts'
import { Panel } from '@console/ui/panel.tsx'
import { ProgressBar } from '@console/ui/progress-bar.tsx'
import { Note } from '@console/ui/states.tsx'
import { Ago } from '@console/ui/time-text.tsx'
import { progressWords } from './pull-words.ts'
import { useWhoPulled } from './use-who-pulled.ts'

/** The pull that is under way, whoever began it. It goes on when this page is left. */
export function PullPanel({ pull }: { readonly pull: ModelPull }) {
  const { name, pullId, totalBytes, completedBytes, startedAt } = pull
  const cancel = useDo(cancelPull, { changes: [listModels] })
  const actor = useWhoPulled()(pull)
  const words = progressWords(pull)
  return (
    <Panel
      className="is-live"
      title={`Pulling ${name}`}
      label={
        <span className="row">
          <Actor actor={actor} />
          <Ago at={startedAt} />
        </span>
      }
      actions={
        <Button
          small
          busy={cancel.isPending}
          disabledReason={useWhyNot()(cancelPull)}
          reasonHidden
          onClick={() => cancel.mutate({ params: { pullId }, activity: true })}
        >
          {cancel.isPending ? 'Cancelling' : 'Cancel pull'}
        </Button>
      }
    >
      <div className="pad stack t">
        {cancel.error && (
          <Note kind="bad" role="alert" title={cancel.error.message}>
            {cancel.error.code}
          </Note>
        )}
        <span className="fg">
          <ProgressBar
            ratio={totalBytes === 0 ? 0 : completedBytes / totalBytes}
            label={`${formatBytes(completedBytes)} of ${formatBytes(totalBytes)}`}
          />
        </span>
        <p className="small c2">{words}</p>
        <p className="small c3">It goes on when this page is closed. What was fetched is kept by Ollama when it is cancelled.</p>
      </div>
    </Panel>
  )
}
