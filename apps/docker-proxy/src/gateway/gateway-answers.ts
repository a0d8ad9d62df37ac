import { nonsense } from '../engine.ts'
import { containerEvent, integer, list, object, text } from '../projection.ts'

/** A rule of Traefik can be long; one that is longer is left out rather than cut into another one. */
const longestLabel = 8_192
const mostLabels = 500
const fullId = /^[a-f0-9]{64}$/
const labelName = /^(traefik\.[a-zA-Z0-9_.@[\]-]{1,300}|com\.docker\.compose\.(project|service|container-number))$/
const address = /^[0-9a-fA-F.:]{0,45}$/
const health = /^(healthy|unhealthy|starting|none)$/

/** What the gateway routes by, and nothing else: each answer is built anew from fields that are named here. */
export function gatewayList(body: unknown): object[] {
  if (!Array.isArray(body)) throw nonsense('the list of containers is no list')
  return body.map(object).flatMap((raw) =>
    fullId.test(text(raw.Id))
      ? {
          Id: text(raw.Id),
          Names: list(raw.Names).slice(0, 50).map(text),
          State: text(raw.State),
          Labels: labelsOf(raw.Labels),
          Ports: list(raw.Ports).slice(0, 200).map(object).map(listedPort),
          HostConfig: { NetworkMode: text(object(raw.HostConfig).NetworkMode) },
          NetworkSettings: { Networks: networksOf(raw.NetworkSettings) },
        }
      : [],
  )
}

/** @throws DaemonError where the engine speaks of another container */
export function gatewayContainer(body: unknown, id: string): object {
  const raw = object(body)
  if (raw.Id !== id) throw nonsense('the inspection is of something else')
  const state = object(raw.State)
  const status = text(object(state.Health).Status)
  return {
    Id: id,
    Name: text(raw.Name),
    State: { Status: text(state.Status), Running: state.Running === true, ...(health.test(status) && { Health: { Status: status } }) },
    Config: { Labels: labelsOf(object(raw.Config).Labels) },
    HostConfig: { NetworkMode: text(object(raw.HostConfig).NetworkMode) },
    NetworkSettings: { Networks: networksOf(raw.NetworkSettings), Ports: boundPorts(object(raw.NetworkSettings).Ports) },
  }
}

/** @returns null for what is no event of a container, or a command that was run in one */
export function gatewayEvent(value: unknown): object | null {
  const event = containerEvent(value)
  if (!event) return null
  // Health stands behind the colon of its action, and is asked for again.
  return { Type: 'container', Action: event.action, Actor: { ID: event.id }, time: Math.floor(event.atNano / 1e9), timeNano: event.atNano }
}

function labelsOf(value: unknown): Record<string, string> {
  const kept = Object.entries(object(value)).flatMap(([name, label]) =>
    labelName.test(name) && typeof label === 'string' && label.length <= longestLabel && !unprintable.test(label)
      ? [[name, label] as const]
      : [],
  )
  return Object.fromEntries(kept.slice(0, mostLabels))
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: a label that holds one is left out
const unprintable = /[\u0000-\u001f\u007f]/

function networksOf(value: unknown): Record<string, object> {
  const networks = Object.entries(object(object(value).Networks)).slice(0, 50)
  return Object.fromEntries(
    networks.map(([name, one]) => {
      const raw = object(one)
      return [text(name), { IPAddress: addressOf(raw.IPAddress), GlobalIPv6Address: addressOf(raw.GlobalIPv6Address) }]
    }),
  )
}

function boundPorts(value: unknown): Record<string, object[] | null> {
  const ports = Object.entries(object(value)).filter(([port]) => /^[0-9]{1,5}\/(tcp|udp|sctp)$/.test(port))
  return Object.fromEntries(
    ports.slice(0, 200).map(([port, bound]) => [
      port,
      Array.isArray(bound)
        ? bound.map(object).map((one) => ({
            HostIp: addressOf(one.HostIp),
            HostPort: /^[0-9]{1,5}$/.test(text(one.HostPort)) ? text(one.HostPort) : '',
          }))
        : null,
    ]),
  )
}

function listedPort(raw: Readonly<Record<string, unknown>>): object {
  const outside = integer(raw.PublicPort)
  return { PrivatePort: integer(raw.PrivatePort) ?? 0, ...(outside !== null && { PublicPort: outside }), Type: text(raw.Type) }
}

function addressOf(value: unknown): string {
  return address.test(text(value)) ? text(value) : ''
}
