#!/usr/bin/env bash
# What the console needs of a host, one line each; sourced by deploy.sh, which sets the limits and reads the settings.
# shellcheck disable=SC2154 # the variables of deploy.sh

missing=0
good() { say "ok       $*"; }
lacks() { say "missing  $*"; missing=1; }
note() { say "note     $*"; }

at_least() { [[ $(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1) == "$2" ]]; }

run_checks() {
  missing=0
  check_engine
  check_settings
  check_store
  check_azure
  check_sign_in
  check_secrets
  check_host
  check_gateway
  return "$missing"
}

# From where the paths of Hermes are reached at the gateway, as a rule of Traefik; nothing for the private networks that compose.yaml names. What is wrong is
# left to `check_settings`, before anything starts by it: stopping and going back go by what was written down earlier.
hermes_from() {
  local networks one rule=''
  networks=$(setting PRIVATE_NETWORKS)
  [[ $(setting HERMES_PUBLIC) != true ]] || networks=0.0.0.0/0,::/0
  for one in ${networks//,/ }; do rule+="${rule:+ || }ClientIP(\`$one\`)"; done
  printf '%s' "$rule"
}

is_network() {
  local octet='(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])'
  [[ $1 =~ ^((($octet\.){3}$octet)(/([0-9]|[12][0-9]|3[0-2]))?|[0-9a-fA-F:]*:[0-9a-fA-F:]*(/([0-9]|[1-9][0-9]|1[01][0-9]|12[0-8]))?)$ ]]
}

is_port() { [[ $1 =~ ^[1-9][0-9]{0,4}$ ]] && (($1 <= 65535)); }

# At which browsers reach the console. Certificates are given to who answers at 443, and a proxy of the host has ports of its own.
public_port() {
  local usual=443
  [[ $mode != certificate ]] || usual=$(setting GATEWAY_HTTPS_PORT 443)
  setting PUBLIC_HTTPS_PORT "$usual"
}

is_domain() { [[ $1 =~ ^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$ ]]; }

check_engine() {
  local api version
  if api=$(docker version --format '{{.Server.APIVersion}}' 2>/dev/null) && [[ -n $api ]]; then
    if at_least "$api" "$oldest_api"; then good "engine with API $api"; else lacks "an engine with API $oldest_api or newer: this one has $api"; fi
  else
    lacks "the Docker engine does not answer at $DOCKER_HOST: start it, or set DOCKER_SOCKET in $dir/.env"
  fi
  version=$(docker compose version --short 2>/dev/null || true)
  if [[ -z $version ]]; then
    lacks 'docker compose: install the package docker-compose-plugin'
  elif at_least "${version#v}" "$oldest_compose"; then
    good "docker compose ${version#v}"
  else
    lacks "docker compose $oldest_compose or newer: this one is ${version#v}"
  fi
  is_bundle || docker buildx version >/dev/null 2>&1 || lacks 'docker buildx, which builds the images: install the package docker-buildx-plugin'
}

# Compose reads quotes, `$`, a comment behind a value and space around it in its own way, and this script takes a value as it stands.
check_lines() {
  local line name value number=0
  while IFS= read -r line || [[ -n $line ]]; do
    number=$((number + 1)) name=${line%%=*} value=${line#*=}
    [[ ! $line =~ ^[[:space:]]*(#|$) ]] || continue
    if [[ ! $line =~ ^[A-Z][A-Z0-9_]*= ]]; then
      lacks "NAME=value in line $number of $dir/.env"
    elif [[ $value == *[[:cntrl:]]* ]]; then
      lacks "$name in $dir/.env must hold no control characters: a file from Windows has one at the end of each line"
    elif [[ $value =~ ^[[:space:]\"\'] || $value =~ [[:space:]]$ || $value == *'$'* || $value =~ [[:space:]]# ]]; then
      lacks "$name in $dir/.env must be a plain value: no quotes or space around it, no \$ in it, no comment behind it"
    fi
  done < <(cat "$dir/.env" 2>/dev/null)
}

check_settings() {
  local networks one
  check_lines
  if [[ -f $dir/.env && -z $(setting DOMAIN) ]]; then
    lacks "DOMAIN in $dir/.env: it is empty"
  elif [[ -z $domain ]]; then
    lacks "DOMAIN: name your domain with --domain; $dir/.env, which would hold it, is not there yet"
  elif [[ -n $asked_domain && $asked_domain != "$domain" ]]; then
    lacks "one domain: --domain says $asked_domain, and DOMAIN in $dir/.env $domain, which counts after the first run"
  elif ! is_domain "$domain"; then
    lacks "DOMAIN in $dir/.env must be a domain in lower case, such as console.example.net: $domain is none"
  elif [[ $domain == example.com ]]; then
    lacks "a domain of yours as DOMAIN in $dir/.env: example.com is nobody's"
  else
    good "domain $domain"
  fi
  [[ -z $asked_mode || $asked_mode == "$mode" ]] || lacks "one way to reach it: --gateway says $asked_mode, and GATEWAY in $dir/.env $mode, which counts after the first run"
  if [[ -f $here/compose.$mode.yaml ]]; then good "gateway mode $mode"; else lacks "GATEWAY in $dir/.env: acme, certificate, behind, proxy or local"; fi
  [[ $mode != certificate || -f $dir/tls/certificate.pem && -f $dir/tls/key.pem ]] || lacks "$dir/tls/certificate.pem and $dir/tls/key.pem"
  [[ $(setting HERMES_PUBLIC false) =~ ^(true|false)$ ]] || lacks "HERMES_PUBLIC in $dir/.env must be true or false"
  # One that Traefik does not understand would cost the whole API its route.
  networks=$(setting PRIVATE_NETWORKS)
  for one in ${networks//,/ }; do
    is_network "$one" || lacks "PRIVATE_NETWORKS in $dir/.env must be addresses or networks such as 100.64.0.0/10, separated by commas: $one is none"
  done
  check_ports
  [[ $mode != local || $domain == localhost ]] || note 'without a gateway the console is reached at localhost alone'
}

check_ports() {
  local name port
  for name in GATEWAY_HTTP_PORT GATEWAY_HTTPS_PORT PUBLIC_HTTPS_PORT; do
    port=$(setting "$name" 443)
    is_port "$port" || lacks "$name in $dir/.env must be a port from 1 to 65535: $port is none"
  done
  [[ $(setting GATEWAY_HTTP_PORT 80) != "$(setting GATEWAY_HTTPS_PORT 443)" ]] || lacks "GATEWAY_HTTP_PORT and GATEWAY_HTTPS_PORT in $dir/.env must be two ports: both are $(setting GATEWAY_HTTP_PORT 80)"
  [[ $mode != local ]] || return 0
  [[ $PUBLIC_HTTPS_PORT != 80 ]] || lacks "a PUBLIC_HTTPS_PORT other than 80 in $dir/.env: browsers speak no TLS there"
  [[ $PUBLIC_HTTPS_PORT == 443 ]] || note "browsers reach it at port $PUBLIC_HTTPS_PORT, https://devops.$domain$AT_PORT, and at no other: where something leads them there from port 443, set PUBLIC_HTTPS_PORT=443"
}

# The provider that people may sign in with. It is asked by platform-service, for whom this machine's own loopback is another one.
check_sign_in() {
  local issuer secret=$dir/secrets/oidc_client_secret name of=()
  issuer=$(setting OIDC_ISSUER)
  [[ -z $(setting OIDC_CLIENT_SECRET) ]] || lacks "OIDC_CLIENT_SECRET belongs into $secret, and not into $dir/.env, where docker inspect would show it"
  for name in OIDC_ISSUER OIDC_CLIENT_ID OIDC_NAME; do [[ -z $(setting "$name") ]] || of+=("$name"); done
  [[ ! -s $secret ]] || of+=("$secret")
  ((${#of[@]} > 0)) || return 0
  for name in OIDC_ISSUER OIDC_CLIENT_ID; do [[ -n $(setting "$name") ]] || lacks "$name in $dir/.env: a sign-in provider needs it, and there is ${of[*]}"; done
  [[ -z $issuer || $issuer =~ ^https://[^/?#@[:space:]]+(/[^?#[:space:]]*)?$ ]] || lacks "OIDC_ISSUER in $dir/.env must be an https address without query or fragment: $issuer is none"
  (($(setting OIDC_NAME | LC_ALL=C.UTF-8 wc -m) <= 40)) || lacks "OIDC_NAME in $dir/.env must have at most 40 characters"
  [[ -s $secret || -n $(setting AZURE_KEY_VAULT_URL) ]] || lacks "the secret of the client in $secret: a sign-in provider needs it, and there is ${of[*]}"
  ((missing == 1)) || good "people may sign in with $issuer"
}

check_secrets() {
  local name mode_of
  [[ -d $dir/secrets ]] || { note "secrets are made in $dir/secrets at the first start"; return; }
  for name in "${secrets[@]}"; do
    mode_of=$(stat -c '%u %a' "$dir/secrets/$name" 2>/dev/null || true)
    [[ -s $dir/secrets/$name || ! -e $dir/secrets/$name ]] || from_vault "$name" || lacks "something in $dir/secrets/$name: it is empty"
    [[ $mode_of == "$app_uid 400" || $mode_of == "$app_uid 600" ]] || lacks "$dir/secrets/$name, owned by uid $app_uid with mode 0400"
  done
  ((missing == 1)) || good 'secrets'
}

# Programs of one account can look into each other, in a container or not: whoever has that of the parts has their secrets.
check_account() {
  local name
  name=$(getent passwd "$app_uid" | cut -d: -f1) || true
  [[ -z $name ]] || note "uid $app_uid, as which the parts run, is the account $name of this host: who signs in as $name can read every secret of the console. Give it another uid"
}

check_host() {
  local memory disk root
  check_account
  memory=$(awk '/^MemTotal:/ { print int($2 / 1024) }' /proc/meminfo)
  if ((memory >= least_memory_mib)); then good "memory of $memory MiB"; else lacks "memory of $least_memory_mib MiB: there are $memory"; fi
  root=$(docker info --format '{{.DockerRootDir}}' 2>/dev/null || true)
  disk=$(df -Pm "${root:-/}" 2>/dev/null | awk 'NR == 2 { print $4 }')
  if ((${disk:-0} >= least_disk_mib)); then good "disk with $disk MiB free"; else lacks "$least_disk_mib MiB free where the engine keeps images: there are ${disk:-0}"; fi
  if (($(date +%s) > 1767225600)); then good 'clock'; else lacks 'a clock that is right: tokens depend on it'; fi
  [[ $(timedatectl show --property=NTPSynchronized --value 2>/dev/null) != no ]] || note 'nothing sets the clock of this host: tokens and certificates depend on it'
  if [[ -S $(setting AGENT_SOCKET_DIR /run/bytelyst-agent)/host-agent.sock ]]; then good 'host-agent'; else note 'host-agent is not installed: no deployments, host metrics or checks of the machine. See --agent'; fi
  if has_timer; then good 'a timer makes backups'; else note 'no timer makes backups: deploy.sh timer sets one'; fi
}

# @param a port of this host
gateway_has() { docker ps --format '{{.Names}} {{.Ports}}' 2>/dev/null | grep -qE "^$(setting CONSOLE_PREFIX)gateway .*:$1->"; }
# shellcheck disable=SC2016 # for the other bash
answers_at() { timeout 5 bash -c 'exec 3<>"/dev/tcp/$1/$2"' _ "$1" "$2" 2>/dev/null; }

check_gateway() {
  local port name
  [[ $mode == acme || $mode == certificate ]] || return 0
  for port in "$(setting GATEWAY_HTTP_PORT 80)" "$(setting GATEWAY_HTTPS_PORT 443)"; do
    if gateway_has "$port"; then
      good "port $port is the gateway's"
    elif answers_at 127.0.0.1 "$port"; then
      lacks "port $port is taken by another program: end it, or set GATEWAY_HTTP_PORT and GATEWAY_HTTPS_PORT"
    else
      good "port $port is free"
    fi
  done
  # Without a domain there are no names yet, and the line above said so.
  [[ -n $domain ]] || return 0
  for name in devops admin api; do
    if getent hosts "$name.$domain" >/dev/null; then good "name $name.$domain"; else note "$name.$domain has no address yet: browsers, and Let's Encrypt, will need one"; fi
    # Mapped ones stand for addresses of IPv4.
    if [[ $(setting GATEWAY_ADDRESS 0.0.0.0) != *:* ]] && getent ahostsv6 "$name.$domain" | grep -qv '^::ffff:'; then
      note "$name.$domain has an address of IPv6 too, at which the gateway does not listen: take its AAAA record away"
    fi
  done
  [[ $mode != acme ]] || check_acme
}

# What an ACME server asks of this host, as far as it is seen from here.
check_acme() {
  local email directory authority port name
  email=$(setting ACME_EMAIL) directory=$(setting ACME_DIRECTORY) authority=$(setting ACME_CA) port=$(setting GATEWAY_HTTPS_PORT 443)
  if [[ -z $email ]]; then
    note "no ACME_EMAIL in $dir/.env: certificates are ordered for admin@$domain"
  elif [[ ! $email =~ ^[^@[:space:]]+@[^@[:space:]]+\.[^@[:space:]]+$ ]]; then
    lacks "ACME_EMAIL in $dir/.env must be an e-mail address: $email is none"
  fi
  [[ -z $directory || $directory =~ ^https://[^/[:space:]]+/ ]] || lacks "ACME_DIRECTORY in $dir/.env must be the https address of a directory: $directory is none"
  [[ -z $authority ]] || is_for_gateway "$authority" || lacks "ACME_CA in $dir/.env must be the whole path of a file that uid $app_uid may read: $authority is none"
  [[ $port == 443 ]] || note "certificates are given to who answers at port 443, and the gateway has $port: something must lead from there to it"
  for name in devops admin api; do check_certificate "$name.$domain" "$port"; done
}

is_for_gateway() { [[ $1 == /* && -f $1 ]] && [[ $(stat -c '%u %a' "$1") =~ ^($app_uid\ [4-7]|.*[4-7]$) ]]; }

# @param a name of the console and the gateway's port
check_certificate() {
  local address
  address=$(getent hosts "$1" | awk '{ print $1; exit }') || true
  if [[ -n $address && " $(hostname -I) 127.0.0.1 ::1 " != *" $address "* ]]; then
    note "$1 leads to $address, which is no address of this host: port 443 there must lead here"
  fi
  gateway_has "$2" || return 0
  if grep -qsF "\"main\": \"$1\"" "$dir/letsencrypt/acme.json"; then
    good "certificate of $1"
  elif [[ -n $address ]] && ! answers_at "$1" 443; then
    note "no certificate of $1 yet, and nothing answers at its port 443 from here: it must be reached from the internet"
  else
    note "no certificate of $1 yet: deploy.sh logs gateway says why"
  fi
}
