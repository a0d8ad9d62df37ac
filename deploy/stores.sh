#!/usr/bin/env bash
# Where the console keeps its documents, and how they come from one store into the other; sourced by deploy.sh, which reads the settings.
# shellcheck disable=SC2154 # the variables of deploy.sh

# As the services decide it.
store_kind() {
  local store
  store=$(setting STORE)
  if [[ -n $store ]]; then printf '%s' "$store"; elif [[ -n $(setting COSMOS_ENDPOINT) || -s $dir/secrets/cosmos_key ]]; then printf cosmos; else printf sqlite; fi
}

# Where a version keeps them. @param the file of the version
store_of() { if grep -qE '^ +KEPT_STORE: "?cosmos"?$' "$1" 2>/dev/null; then printf cosmos; else printf sqlite; fi; }

# A secret that is left to Key Vault. Keys that backups of the host are signed with are files: what makes them has no network.
from_vault() { [[ -n $(setting AZURE_KEY_VAULT_URL) && $1 =~ ^(jwt_secret|csrf_secret)$ ]]; }

# In a container of its own, with the rights of a part. @param the file of a version, the part, and the command
once() { compose --file "$1" run --rm --no-deps --no-TTY --label traefik.enable=false "${@:2}"; }

# For each service, one after the other, and nothing of the other one. What it writes for a while lies in its volume: its folder of memory is small. @param the file of a version; then a command of its store
in_stores() {
  local node=(node --disable-warning=ExperimentalWarning --max-semi-space-size=4) service program
  for service in platform-service:platform-cli devops-backend:devops-cli; do
    program=apps/${service%:*}/src/${service#*:}.ts
    once "$1" --env TMPDIR=/data "${service%:*}" "${node[@]}" "$program" "${@:2}" || return 1
  done
}

# The file of the version that was started last. @returns nothing where there is none
newest_version() { local file; for file in current next; do if [[ -f $dir/state/$file.yaml ]]; then printf '%s' "$dir/state/$file.yaml"; return; fi; done; }

in_other_store() {
  local file=$dir/state/store.yaml of command
  of=$(newest_version)
  [[ -n $of ]] || fail "no version is installed from $dir; deploy.sh up makes the first one"
  case ${store_words[*]} in copy*) command=(store:copy --to "${store_words[1]}") ;; *) command=("store:${store_words[0]}") ;; esac
  $dry || [[ $EUID -eq 0 ]] || fail 'only root can do this: secrets are given to the account of the parts'
  missing=0
  check_store "store ${store_words[*]} needs Cosmos DB"
  check_azure
  ((missing == 0)) || fail 'something is missing; nothing was done'
  if $dry; then say "would run: ${command[*]}, for each service"; return; fi
  write_secrets
  # The version that is there, by the settings of now.
  CONSOLE_VERSION=$(basename "$of" .yaml)
  CONSOLE_VERSION=$(version_of "$CONSOLE_VERSION")
  fill_in '' >"$file"
  # shellcheck disable=SC2064 # the file of now
  trap "rm -f '$file'" EXIT
  # What is in the way of a copy is said while the console may still run.
  [[ ${store_words[0]} != copy ]] || in_stores "$file" "${command[@]}" --dry-run || fail 'it cannot be copied as it is; nothing was done'
  [[ -z $(docker ps --quiet --filter "label=com.docker.compose.project=$(project)") ]] || fail 'the console runs, and one process may have a store: deploy.sh stop first'
  in_stores "$file" "${command[@]}" || fail 'the store command did not end well'
  [[ ${store_words[0]} != copy ]] || say "write STORE=${store_words[1]} into $dir/.env, and start it with deploy.sh up"
}

# @param why Cosmos DB is needed where the store is another one
check_store() {
  local store endpoint auth key=$dir/secrets/cosmos_key why=${1:-the store is Cosmos DB}
  store=$(store_kind) endpoint=$(setting COSMOS_ENDPOINT) auth=$(setting COSMOS_AUTH key)
  [[ $store =~ ^(sqlite|cosmos)$ ]] || lacks "STORE in $dir/.env must be sqlite or cosmos"
  [[ $auth =~ ^(key|entra)$ ]] || lacks "COSMOS_AUTH in $dir/.env must be key or entra"
  [[ -z $endpoint || $endpoint =~ ^https://[^/[:space:]]+/?$ ]] || lacks "COSMOS_ENDPOINT in $dir/.env must be https://ACCOUNT.documents.azure.com: $endpoint is none"
  [[ $(setting COSMOS_DATABASE bytelyst-platform) =~ ^[A-Za-z0-9._-]{1,255}$ ]] || lacks "COSMOS_DATABASE in $dir/.env is no name of a database"
  [[ -z $(setting COSMOS_KEY) ]] || lacks "COSMOS_KEY belongs into $key, and not into $dir/.env, where docker inspect would show it"
  [[ $store == cosmos || -n ${1:-} ]] || return 0
  [[ -n $endpoint ]] || lacks "COSMOS_ENDPOINT in $dir/.env, https://ACCOUNT.documents.azure.com: $why"
  if [[ $auth == entra ]]; then
    [[ ! -s $key ]] || lacks "an empty $key: COSMOS_AUTH is entra, and whoever finds a key could do everything"
  elif [[ ! -s $key && -z $(setting AZURE_KEY_VAULT_URL) ]]; then
    lacks "a read-write key of the account in $key, or COSMOS_AUTH=entra in $dir/.env: $why"
  fi
  ((missing == 1)) || good "documents in Cosmos DB, database $(setting COSMOS_DATABASE bytelyst-platform)"
}

# Key Vault, and whom it and Cosmos DB know this console as.
check_azure() {
  local vault authority extra secret=$dir/secrets/azure_client_secret name
  vault=$(setting AZURE_KEY_VAULT_URL) authority=$(setting AZURE_AUTHORITY_HOST) extra=$(setting EXTRA_CA)
  [[ -z $vault || $vault =~ ^https://[^/[:space:]]+/?$ ]] || lacks "AZURE_KEY_VAULT_URL in $dir/.env must be https://NAME.vault.azure.net: $vault is none"
  [[ -z $authority || $authority =~ ^https://[^/[:space:]]+/?$ ]] || lacks "AZURE_AUTHORITY_HOST in $dir/.env must be an https address: the secret of the client goes there"
  [[ -z $extra ]] || is_for_gateway "$extra" || lacks "EXTRA_CA in $dir/.env must be the whole path of a file that uid $app_uid may read: $extra is none"
  [[ -z $(setting AZURE_CLIENT_SECRET) ]] || lacks "AZURE_CLIENT_SECRET belongs into $secret, and not into $dir/.env, where docker inspect would show it"
  if [[ -s $secret ]]; then
    for name in AZURE_TENANT_ID AZURE_CLIENT_ID; do [[ -n $(setting "$name") ]] || lacks "$name in $dir/.env: $secret holds the secret of a client"; done
  elif [[ -n $(setting AZURE_TENANT_ID) ]]; then
    lacks "the secret of the client in $secret, or no AZURE_TENANT_ID in $dir/.env: without both it is the identity of the machine"
  fi
  [[ -n $vault ]] || return 0
  for name in platform_encryption_key devops_encryption_key; do
    [[ ! -e $dir/secrets/$name || -s $dir/secrets/$name ]] || lacks "a key in $dir/secrets/$name: backups of this host are signed with it, so that it cannot be left to Key Vault"
  done
  ((missing == 1)) || good "secrets whose files are empty come from $vault"
}
