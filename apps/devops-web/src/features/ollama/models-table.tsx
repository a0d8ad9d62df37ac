import { ListTable } from '@console/console/list-table.tsx'
import type { Query } from '@console/console/query-state.tsx'
import { useDo, useWhyNot } from '@console/console/use-action.ts'
import { deleteModel, listModels, unloadModel } from '@console/contracts/ollama/actions'
import type { ModelList, OllamaModel } from '@console/contracts/ollama/schemas'
import { Button } from '@console/ui/button.tsx'
import { formatBytes, formatDay } from '@console/ui/format.ts'
import { Blank } from '@console/ui/states.tsx'
import { Status } from '@console/ui/status.tsx'
import { Ago } from '@console/ui/time-text.tsx'
import { useToast } from '@console/ui/toast.tsx'

type Props = {
  readonly query: Query & { readonly data: ModelList | undefined }
  readonly away: boolean
  readonly onDelete: (model: OllamaModel) => void
}

export function ModelsTable({ query, away, onDelete }: Props) {
  const { data } = query
  return (
    <ListTable
      label="Models"
      query={query}
      what="Models"
      className="two stk"
      columns={7}
      stale={data !== undefined && away}
      head={
        <>
          <th>Model</th>
          <th className="num">On disk</th>
          <th className="m1">Precision</th>
          <th>In memory</th>
          <th className="num">Memory</th>
          <th>Last seen loaded</th>
          <th>
            <span className="vh">Actions</span>
          </th>
        </>
      }
      empty={away ? <Blank title="No model is known" /> : <Blank title="Ollama has no models">Pull one, and it stands here.</Blank>}
      rows={(data?.items ?? []).map((model) => (
        <Row key={model.name} model={model} away={away} watchedSince={data?.watchedSince ?? ''} onDelete={() => onDelete(model)} />
      ))}
      footer={
        data &&
        data.left > 0 && (
          <span>
            {data.left} {data.left === 1 ? 'entry' : 'entries'} of Ollama {data.left === 1 ? 'has' : 'have'} no name that can be used, and{' '}
            {data.left === 1 ? 'is' : 'are'} not listed
          </span>
        )
      }
    />
  )
}

type RowProps = { readonly model: OllamaModel; readonly away: boolean; readonly watchedSince: string; readonly onDelete: () => void }

function Row({ model, away, watchedSince, onDelete }: RowProps) {
  const { name, digest, sizeBytes, family, parameterSize, quantisation, loaded, lastSeenLoadedAt } = model
  const denied = useWhyNot()(deleteModel) ?? (away ? 'Ollama does not answer' : null)
  const facts = [family, parameterSize].filter(Boolean).join(', ')
  return (
    <tr data-row>
      <td className="name t1">
        <b className="mono" title={`sha256:${digest}`}>
          {name}
        </b>
        {facts !== '' && <span className="sub">{facts}</span>}
      </td>
      <td className="num" data-l="On disk">
        {formatBytes(sizeBytes)}
      </td>
      <td className="c2 m1" data-l="Precision">
        {quantisation ?? '–'}
      </td>
      <td className="t2">{loaded ? <InMemory expiresAt={loaded.expiresAt} away={away} /> : <span className="c3">–</span>}</td>
      <td className="num" data-l="Memory">
        {loaded ? formatBytes(loaded.sizeBytes) : <span className="c3">–</span>}
      </td>
      <td className="c2" data-l="Last seen loaded">
        {lastSeenLoadedAt ? (
          <Ago at={lastSeenLoadedAt} />
        ) : (
          <>
            unknown
            <span className="sub">not since {formatDay(watchedSince)}</span>
          </>
        )}
      </td>
      <td className="act">
        {loaded && <UnloadButton name={name} away={away} />}{' '}
        <Button small disabledReason={denied ?? (loaded ? 'Unload it first' : null)} reasonHidden onClick={onDelete}>
          Delete…
        </Button>
        {loaded && denied === null && (
          <span className="sub" aria-hidden="true">
            Unload it first
          </span>
        )}
      </td>
    </tr>
  )
}

function InMemory({ expiresAt, away }: { readonly expiresAt: string | null; readonly away: boolean }) {
  if (away) return <Status kind="unknown">was loaded</Status>
  return (
    <>
      <Status kind="ok">loaded</Status>
      <span className="sub">{expiresAt === null ? 'kept' : <>unloads {<Ago at={expiresAt} />}</>}</span>
    </>
  )
}

function UnloadButton({ name, away }: { readonly name: string; readonly away: boolean }) {
  const denied = useWhyNot()(unloadModel)
  const unload = useDo(unloadModel, { changes: [listModels] })
  const toast = useToast()
  const go = (): void =>
    unload.mutate(
      { body: { name }, activity: true },
      {
        onSuccess: ({ left }) =>
          toast(
            left
              ? { kind: 'ok', title: `${name} is unloaded` }
              : { kind: 'running', title: `${name} is still answering`, text: 'It leaves the memory when that is done.' },
          ),
        onError: ({ message, code }) => toast({ kind: 'bad', title: message, text: code }),
      },
    )
  return (
    <Button small busy={unload.isPending} disabledReason={denied ?? (away ? 'Ollama does not answer' : null)} reasonHidden onClick={go}>
      {unload.isPending ? 'Unloading' : 'Unload'}
    </Button>
  )
}
