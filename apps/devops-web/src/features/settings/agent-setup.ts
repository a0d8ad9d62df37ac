import type { SignalWay } from '@console/contracts/hermes/signal-schemas'

/** What is entered at an agent so that it sends here, and a command that sends one turn as it would. The key itself stands in neither. */
export function setupText({ base, instance, way }: { readonly base: string; readonly instance: string; readonly way: SignalWay }): {
  readonly agent: string
  readonly try: string
} {
  const url = `${onHost(base)}/hermes/ingest/${instance}`
  if (way === 'otlp')
    return {
      agent: [
        `OTEL_EXPORTER_OTLP_ENDPOINT=${url}`,
        'OTEL_EXPORTER_OTLP_HEADERS="authorization=Bearer KEY"',
        '',
        '# the health of the gateway itself: HERMES_OTLP_AUTH="Bearer KEY" in its environment, and in config.yaml',
        'monitoring:',
        '  gateway_health_export: {enabled: true}',
        '  export:',
        '    otlp:',
        '      enabled: true',
        `      endpoint: ${url}/v1/traces`,
        '      headers_env: {authorization: HERMES_OTLP_AUTH}',
      ].join('\n'),
      // A request without a signal counts as none. Without a start the span adds no latency.
      try: [
        `SPAN="{\\"traceId\\":\\"$(openssl rand -hex 16)\\",\\"spanId\\":\\"$(openssl rand -hex 8)\\",\\"name\\":\\"agent\\",\\"endTimeUnixNano\\":\\"$(date +%s)000000000\\"}"`,
        `curl -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' \\\n  -d "{\\"resourceSpans\\":[{\\"scopeSpans\\":[{\\"spans\\":[$SPAN]}]}]}" ${url}/v1/traces`,
      ].join('\n'),
    }
  return {
    agent: [
      '# in config.yaml, from Hermes 0.20.0 on: older releases send no webhooks.',
      '# Compare the names of these settings with the documentation of your release.',
      'hooks:',
      '  outbound:',
      `    - url: ${url}/webhook`,
      '      secret: KEY',
      '      events: [on_session_end, post_api_request, api_request_error, post_tool_call]',
    ].join('\n'),
    try: [
      `BODY="{\\"hook_event_name\\":\\"on_session_end\\",\\"delivery_id\\":\\"$(openssl rand -hex 16)\\",\\"timestamp\\":$(date +%s),\\"extra\\":{\\"completed\\":true}}"`,
      `SIGN=$(printf %s "$BODY" | openssl dgst -sha256 -hmac "$KEY" -r | cut -d' ' -f1)`,
      `curl -H "X-Hermes-Signature-256: sha256=$SIGN" -H 'Content-Type: application/json' \\\n  -d "$BODY" ${url}/webhook`,
    ].join('\n'),
  }
}

/** Agents run on the console's own host, and the gateway lets nobody else hand anything in: they take the way over loopback. */
function onHost(base: string): string {
  return /^https?:\/\/(localhost|127\.0\.0\.1|\[::1\])[:/]/.test(base) ? base : 'http://127.0.0.1:4004/api/devops'
}
