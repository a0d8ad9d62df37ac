import { streamEvents } from '@console/contracts/events/actions'
import { type BoundAction, bind } from '@console/http-kit/bind'
import type { EventHub } from './event-hub.ts'

export const bindEvents = (hub: EventHub): BoundAction[] => [
  bind(streamEvents, async function* ({ ctx }) {
    for await (const event of hub.follow(ctx.signal)) yield { event: 'change', data: event }
  }),
]
