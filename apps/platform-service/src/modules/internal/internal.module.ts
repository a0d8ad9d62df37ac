import * as internal from '@console/contracts/internal/actions'
import { type BoundAction, bind } from '@console/http-kit/bind'
import type { Measure } from '@console/http-kit/measure'
import { figuresOf, metricsOf } from './figures.ts'
import { type IntrospectDeps, introspect, standingOf } from './introspect.ts'
import type { Journal } from './journal.ts'

export const bindInternal = (deps: IntrospectDeps, journal: Journal, measure: Measure): BoundAction[] => [
  bind(internal.introspect, ({ ctx, body }) => introspect(deps, ctx, body)),
  bind(internal.listStanding, ({ ctx, body }) => standingOf(deps, ctx, body.userIds)),
  bind(internal.readPlatformJournal, ({ ctx, body }) => journal.read(ctx, body)),
  bind(internal.checkpointPlatformJournal, ({ ctx }) => journal.checkpoint(ctx)),
  bind(internal.verifyPlatformJournal, ({ ctx }) => journal.verify(ctx)),
  bind(internal.witnessAtPlatform, ({ ctx, body }) => journal.witness(ctx, body.checkpoint)),
  bind(internal.readPlatformFigures, ({ ctx }) => figuresOf(measure, ctx)),
  bind(internal.exportPlatformMetrics, ({ ctx }) => metricsOf(measure, ctx)),
]
