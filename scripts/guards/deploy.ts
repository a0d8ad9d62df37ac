import type { Guard } from './guard.ts'

type Pairs = readonly (readonly [was: string, becomes: string])[]
const of = (file: string, test: string, pairs: Pairs): readonly Guard[] =>
  pairs.map(([was, becomes]) => ({ file: `deploy/${file}`, was, becomes, tests: [`tests/deploy/${test}.test.ts`] }))
/** A line that tells of what is missing, unless something is so. @param checks how each of them begins */
const told = (...checks: string[]): Pairs => checks.map((check) => [check, `true || ${check}`])

/** What a deployed console is held in, and what deploy.sh refuses before it starts, copies or removes anything. */
export const deployGuards: readonly Guard[] = [
  ...of('compose.yaml', 'files', [
    ['  read_only: true\n  cap_drop', '  cap_drop'],
    ['cap_drop: [ALL]', 'cap_drop: [NET_RAW]'],
    ['  security_opt: ["no-new-privileges:true"]\n', ''],
    ['user: "1001:1001"', 'user: "0:0"'],
    ['group_add: ["${DOCKER_GID:?}"]\n    network_mode: none', 'group_add: ["${DOCKER_GID:?}"]'],
    ['group_add: ["${AGENT_GID:?}"]', 'group_add: ["${AGENT_GID:?}", "${DOCKER_GID:?}"]'],
    ['target: /keys, read_only: true }', 'target: /keys }'],
    ['target: /run/host-agent,\n          read_only: true,', 'target: /run/host-agent,'],
    ['source: proxy-socket, target: /run/docker-proxy, read_only: true', 'source: proxy-socket, target: /run/docker-proxy'],
    ['source: gateway-socket, target: /run/gateway, read_only: true', 'source: gateway-socket, target: /run/gateway'],
    [
      'TRAEFIK_PROVIDERS_DOCKER_ENDPOINT: unix:///run/gateway/docker.sock',
      'TRAEFIK_PROVIDERS_DOCKER_ENDPOINT: unix:///var/run/docker.sock',
    ],
    [' && !PathPrefix(`/platform/api/internal`)', ''],
    ['OIDC_CLIENT_SECRET_FILE: /run/secrets/oidc_client_secret', 'OIDC_CLIENT_SECRET: ${OIDC_CLIENT_SECRET:-}'],
  ]),
  ...of('Dockerfile', 'files', [['\nUSER 1001:1001\n', '\n']]),
  ...of('checks.sh', 'command', [
    ['if at_least "$api" "$oldest_api"; then', 'if true; then'],
    ['elif at_least "${version#v}" "$oldest_compose"; then', 'elif true; then'],
    ['if [[ -f $dir/.env && -z $(setting DOMAIN) ]]; then', 'if false; then'],
    ['elif [[ -z $domain ]]; then', 'elif false; then'],
    ['elif [[ -n $asked_domain && $asked_domain != "$domain" ]]; then', 'elif false; then'],
    ['elif [[ $domain == example.com ]]; then', 'elif false; then'],
    ['[[ -n $domain ]] || return 0\n  for name', 'for name'],
    ['elif [[ ! $email =~ ', 'elif [[ -n "" && ! $email =~ '],
    ['((${#of[@]} > 0)) || return 0', 'return 0'],
    ...told(
      '[[ -z $asked_mode || $asked_mode == "$mode" ]]',
      '[[ -z $directory || $directory =~ ',
      '[[ -z $authority ]] || is_for_gateway',
      '[[ -z $(setting OIDC_CLIENT_SECRET) ]]',
      '[[ -n $(setting "$name") ]] || lacks "$name in $dir/.env: a sign-in',
      '[[ -z $issuer || $issuer =~ ',
      '(($(setting OIDC_NAME |',
      '[[ -s $secret || -n $(setting AZURE_KEY_VAULT_URL) ]]',
    ),
    ['stat -c \'%u %a\' "$1") =~ ^($app_uid\\ [4-7]|.*[4-7]$)', 'stat -c \'%u %a\' "$1") =~ .'],
  ]),
  ...of('checks.sh', 'checks', [
    ...told(
      'is_port "$port"',
      '[[ $(setting GATEWAY_HTTP_PORT 80) != "$(setting GATEWAY_HTTPS_PORT 443)" ]]',
      '[[ $PUBLIC_HTTPS_PORT != 80 ]]',
    ),
    ['  [[ $mode != certificate ]] || usual=', '  true || usual='],
  ]),
  ...of('compose.yaml', 'files', [
    ['&origins https://devops.${DOMAIN:?}${AT_PORT:-},', '&origins https://devops.${DOMAIN:?},'],
    ['ENTRYPOINT_TO: ":${PUBLIC_HTTPS_PORT:-443}"', 'ENTRYPOINT_TO: :443'],
  ]),
  ...of('stores.sh', 'hosted', [
    ['check_store "store ${store_words[*]} needs Cosmos DB"', 'check_store'],
    ["((missing == 0)) || fail 'something is missing; nothing was done'", ''],
    ['"${command[@]}" --dry-run || fail', '"${command[@]}" --dry-run || true || fail'],
    ['[[ -z $(docker ps --quiet --filter "label=com.docker.compose.project=$(project)") ]] || fail', 'true || fail'],
    ['[[ ! -s $key ]] || lacks', 'true || lacks'],
    ['elif [[ ! -s $key && -z $(setting AZURE_KEY_VAULT_URL) ]]; then', 'elif false; then'],
    ['  if [[ -s $secret ]]; then', '  if false; then'],
    ['elif [[ -n $(setting AZURE_TENANT_ID) ]]; then', 'elif false; then'],
    ...told(
      '[[ $store =~ ^(sqlite|cosmos)$ ]]',
      '[[ $auth =~ ^(key|entra)$ ]]',
      '[[ -z $endpoint || $endpoint =~ ',
      '[[ $(setting COSMOS_DATABASE bytelyst-platform) =~ ',
      '[[ -z $(setting COSMOS_KEY) ]]',
      '[[ -n $endpoint ]]',
      '[[ -z $vault || $vault =~ ',
      '[[ -z $authority || $authority =~ ',
      '[[ -z $extra ]] || is_for_gateway',
      '[[ -z $(setting AZURE_CLIENT_SECRET) ]]',
      '[[ ! -e $dir/secrets/$name || -s $dir/secrets/$name ]]',
    ),
    ['=~ ^(jwt_secret|csrf_secret)$ ]]; }', '=~ _ ]]; }'],
  ]),
  ...of('versions.sh', 'command', [
    ['"$((until > SECONDS ? until - SECONDS : 1))" "$name" || return 1', '"$((until > SECONDS ? until - SECONDS : 1))" "$name" || true'],
  ]),
  ...of('versions.sh', 'changes', [
    ['try_version "$state/next.yaml" || fail', 'true || fail'],
    ['has_images "$state/$to.yaml" || fail', 'true || fail'],
    ['[[ ! -f $(replacing) ]] || to=current\n', ''],
    ['{ [[ $to == previous ]] && start_known_version "$state/current.yaml" "$wait_sec"; } || fail', 'true || fail'],
  ]),
  ...of('deploy.sh', 'changes', [['flock --nonblock 9 && return', 'return']]),
  ...of('deploy.sh', 'checks', [['[[ ! -f $dir/state/current.yaml || $name != *_encryption_key ]] ||', 'true ||']]),
  ...of('versions.sh', 'hosted', [['[[ $(store_of "$state/$to.yaml") == "$(store_of "$state/current.yaml")" ]] ||', 'true ||']]),
  ...of('deploy.sh', 'command', [
    ["run_checks || fail 'something is missing; nothing was started'", 'run_checks || true'],
    ['[[ -z $domain ]] || is_domain', 'true || is_domain'],
    ['[[ -z $mode || $mode =~ ', 'true || [[ -z $mode || $mode =~ '],
    ['[[ $wait_sec =~ ', 'true || [[ $wait_sec =~ '],
    ['[[ $keep =~ ', 'true || [[ $keep =~ '],
    ['[[ $verb != store || ', 'true || [[ $verb != store || '],
    ['[[ -n $domain ]] || fail "this is the first run', 'true || fail "this is the first run'],
  ]),
  ...of('bundle.sh', 'command', [
    ['sha256sum --check --status images.tar.sha256) || fail', 'sha256sum --check --status images.tar.sha256) || true || fail'],
    ['[[ ! -e $archive ]] || fail', 'true || fail'],
  ]),
  ...of('backups.sh', 'command', [['[[ -f $archive ]] || fail', 'true || fail']]),
  ...of('uninstall.sh', 'uninstall', [
    ['[[ -f $file ]] || { $purge && [[ -f $dir/.env ]]; } || fail', 'true || fail'],
    ['confirmed "Remove the console of ${domain:-$dir} and ALL of this"', ':'],
    ['    tell_losses "$keys"\n', ''],
    ['[[ -n $2 && $(docker network inspect -f \'{{.Id}}\' "$1" 2>/dev/null) == "$2" ]]', 'true'],
    ['rmdir --ignore-fail-on-non-empty "$name"', 'rm -rf "$name"'],
    ['! $purge || remove_rest', 'remove_rest'],
  ]),
]
