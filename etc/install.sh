#!/usr/bin/env bash
# Puts paranad on this server, goes back to the version before, or takes it away: make install, rollback, uninstall.
#
# /opt/paranad/VERSION holds a virtual environment, and under root/ what belongs elsewhere on the server; `current` is
# the version in use, `previous` the one before. A version's folder is whole when it holds the file `installed`.
# PYTHON names another interpreter; WHEELS a folder with the lock file's wheels, for a server without network.
set -euo pipefail
umask 022
export LC_ALL=C.UTF-8

TREE=$(cd "$(dirname "$0")/.." && pwd)
OPT=/opt/paranad
BIN=/usr/local/bin
CONFIG=/etc/paranad
STATE=/var/lib/paranad
DROP_INS=/etc/systemd/system/paranad.service.d
SERVICES=(paranad.service paranad-alert.service paranad-again.service)
OPTIONAL=(paranad-metrics.service paranad-metrics.timer paranad-web.service paranad-php.path paranad-php.service)
ROOM_MB=300
CODE=(paranad etc "${SERVICES[@]}" pyproject.toml requirements.lock README.md README.ar.md CHANGELOG.md LICENSE docs)

say() { printf '%s\n' "$*"; }
die() { printf 'paranad: %s\n' "$*" >&2; exit 1; }

main() {
  local action=$1
  [[ $(id -u) -eq 0 ]] || die "make $action changes this server; run it as root: sudo make $action"
  [[ -d /run/systemd/system ]] || die "this server was not started by systemd, which runs the service; try \`make demo\` instead"
  exec 9>/run/lock/paranad-install
  flock --nonblock 9 || die "another make install, rollback or uninstall is under way; wait for it"
  work=$(mktemp -d)
  unfinished=$work/unfinished
  trap 'rm -rf "$work" "$unfinished"' EXIT
  "$action"
}

# ------------------------------------------------------------------ install

install() {
  local version
  find_python
  find_room
  version=$(name_version)
  [[ -e $OPT/$version/installed ]] || build "$version"
  make_user
  lay_configuration "$version"
  use "$version"
  forget_older
  say "paranad $version is installed in $OPT/$version"
  say "an operator needs two groups, the web server's user neither: usermod --append --groups paranad,systemd-journal NAME"
  say_how_the_configuration_is "$version"
}

find_python() {
  local candidate candidates=(/usr/bin/python3.11 /usr/bin/python3 /usr/bin/python3.1[2-9] /usr/local/bin/python3.1[1-9] /usr/local/bin/python3)
  if [[ ${PYTHON:-} ]]; then
    candidates=("$PYTHON")
  fi
  for candidate in "${candidates[@]}"; do
    [[ ! $(unfit "$candidate") ]] || continue
    python=$(command -v "$candidate")
    "$python" -c 'import ensurepip, venv' 2>/dev/null ||
      die "$python cannot make a virtual environment; on Debian and Ubuntu: apt-get install python3-venv"
    return
  done
  [[ ! ${PYTHON:-} ]] || die "PYTHON: expected a Python 3.11 or later, got $PYTHON, $(unfit "$PYTHON")"
  die "paranad needs Python 3.11 or later, outside of the home folders, which the service does not see; on Debian" \
    "and Ubuntu: apt-get install python3 python3-venv; another one: make install PYTHON=/path/to/python3"
}

# Says why a Python is of no use here; nothing where it is.
unfit() {
  local program
  program=$(command -v "$1") || { say "but there is no such program"; return; }
  "$program" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { say "which is none"; return; }
  "$program" -c 'import sys; sys.exit(sys.base_prefix.startswith(("/root", "/home")))' ||
    say "which lies in a home folder; the service does not see those"
}

find_room() {
  mkdir -p "$OPT"
  local free_mb=$(($(df --output=avail --block-size=1M "$OPT" | tail -n 1)))
  ((free_mb >= ROOM_MB)) || die "$OPT: expected $ROOM_MB MB of free room, got $free_mb; make room, then run this again"
}

# The version, with the digest of its code where another code already has that version's folder.
name_version() {
  local version digest
  version=$(sed -n 's/^version = "\(.*\)"/\1/p' "$TREE/pyproject.toml" | head -n 1)
  digest=$(digest)
  if [[ -e $OPT/$version/installed && $(<"$OPT/$version/installed") != "$digest" ]]; then
    version+=+${digest:0:7}
  fi
  say "$version"
}

digest() {
  { "$python" --version; readlink -f "$python"; cd "$TREE"; code | xargs -0 sha256sum; } | sha256sum | cut -d ' ' -f 1
}

code() { find "${CODE[@]}" -type f ! -path '*/__pycache__/*' -print0 | sort -z; }

build() {
  local target=$OPT/$1
  [[ ! -e $target ]] || say "$target is what an earlier install left half-done; making it anew"
  rm -rf "$target"
  unfinished=$target
  say "setting up $target with $python"
  copy_code "$work/code"
  "$python" -m venv "$target" || die "$python could not make a virtual environment in $target (its words are above)"
  fetch "$target"
  run_pip "$target" install --no-index --no-build-isolation "$work/code" || die_of_pip "paranad itself could not be built"
  run_pip "$target" check || die_of_pip "requirements.lock does not hold all that paranad needs (see above)"
  "$target/bin/python" -m compileall -q -j 0 "$target/lib" || true
  lay_out "$target"
  digest >"$target/installed"
  unfinished=$work/unfinished
}

copy_code() {
  mkdir -p "$1"
  tar -C "$TREE" --exclude=__pycache__ -cf - "${CODE[@]}" | tar -C "$1" --no-same-owner -xf -
}

fetch() {
  local how=fetched from=(--retries 2 --timeout 20)
  if [[ ${WHEELS:-} ]]; then
    [[ -d $WHEELS ]] || die "WHEELS: expected a folder with the lock file's wheels, got $WHEELS"
    how="taken from $WHEELS" from=(--no-index --find-links "$(realpath "$WHEELS")")
  fi
  run_pip "$1" install "${from[@]}" --require-hashes --requirement "$TREE/requirements.lock" && return
  die_of_pip "the packages of requirements.lock could not be $how (see above); without a network:" \
    "run \`make wheels\` where there is one, copy the folder wheels here, then sudo make install WHEELS=wheels"
}

# What is installed is what the lock file says and nothing that pip finds out itself; `pip check` then says what is missing.
run_pip() {
  local install=(--quiet --root-user-action ignore --no-compile --no-deps)
  [[ $2 == install ]] || install=()
  "$1/bin/python" -m pip --disable-pip-version-check "$2" "${install[@]}" "${@:3}" >"$work/pip" 2>&1
}

die_of_pip() { tail -n 5 "$work/pip" >&2; die "$*"; }

# What belongs to the version beside its packages: share/ stays there, root/ goes to its places when it is used.
lay_out() {
  local root=$1/root share=$1/share service
  for service in "${SERVICES[@]}"; do
    lay "$TREE/$service" "$root/usr/local/lib/systemd/system/$service"
  done
  for service in "${OPTIONAL[@]}"; do
    lay "$TREE/etc/systemd/$service" "$root/usr/local/lib/systemd/system/$service"
  done
  lay "$TREE/etc/prometheus/paranad.rules.yml" "$share/prometheus/paranad.rules.yml"
  lay "$TREE/etc/grafana/paranad.json" "$share/grafana/paranad.json"
  lay "$TREE/etc/systemd/sysusers.conf" "$root/usr/local/lib/sysusers.d/paranad.conf"
  lay "$TREE/etc/systemd/commands.conf" "$share/commands.conf"
  lay "$TREE/etc/systemd/php.conf" "$share/php.conf"
  lay "$TREE/etc/nginx/paranad.conf" "$share/nginx/paranad.conf"
  lay "$TREE/etc/paranad.toml" "$share/paranad.toml"
  command install -D --mode=755 -t "$share/alerts" "$TREE"/docs/alerts/{mail,telegram,webhook}
  mkdir -p "$share/doc"
  cp "$TREE"/*.md "$share/doc/"
  cp -r "$TREE/docs" "$share/doc/"
  (cd "$work/code" && "$1/bin/python" -B -m etc.manual "$root") || die "the man pages could not be made (see above)"
}

lay() { cmp --quiet "$1" "$2" || command install -D --mode=644 "$1" "$2"; }

make_user() { systemd-sysusers "$TREE/etc/systemd/sysusers.conf"; }

# Nothing that is there is changed; what a new version says differently lies beside it.
lay_configuration() {
  local new=$OPT/$1/share/paranad.toml file=$CONFIG/paranad.toml before=$OPT/current/share/paranad.toml
  folder 750 "$CONFIG" paranad
  folder 750 "$CONFIG/schedule.d" paranad
  folder 700 "$CONFIG/credentials"
  folder 700 "$CONFIG/credentials/courier"
  folder 700 "$CONFIG/credentials/shop"
  if [[ ! -e $file ]]; then
    command install --mode=640 --group=paranad "$new" "$file"
  elif cmp --quiet "$new" "$file"; then
    rm -f "$file.new"
  elif ! cmp --quiet "$new" "$before"; then
    command install --mode=640 --group=paranad "$new" "$file.new"
    say "$file is left as it is; the file of this version lies beside it: $file.new"
  fi
}

folder() { [[ -d $2 ]] || command install --directory --mode="$1" --group="${3:-root}" "$2"; }

# ------------------------------------------------------- the version in use

link() { readlink "$OPT/$1" || true; }

# Checks the configuration with that version; then, and only then, everything points to it. Where nothing worked before
# (a first install, a configuration that is not written yet), there is nothing to keep from harm.
use() {
  local version=$1 before
  before=$(link current)
  check "$version" >"$work/check" 2>&1 && is_good=yes || is_good=
  if [[ ! $is_good && $before && $before != "$version" ]]; then
    if is_under_way || check "$before" >/dev/null 2>&1; then
      cat "$work/check" >&2
      die "the configuration does not suit $version (see above), so $before stays in use; correct it, then run this again"
    fi
  fi
  switch "$version"
  if [[ $before != "$version" ]] && is_under_way; then
    restart || go_back "$before" "$version"
  fi
  [[ $before == "$version" ]] || restart_page
}

# Runs a version's own check as the service would run it: as its user, with its credentials and variables, and with
# further properties.
check() {
  local given
  mapfile -t given < <(service_text "$1" | sed -n -E 's/^((Load|Set)Credential(Encrypted)?|Environment(File)?)=/--property=&/p')
  systemd-run --quiet --wait --pipe --collect --uid=paranad --gid=paranad "${given[@]}" "${@:2}" -- "$OPT/$1/bin/paranad" check </dev/null
}

service_text() { cat "$OPT/$1/root/usr/local/lib/systemd/system/paranad.service" "$DROP_INS"/*.conf 2>/dev/null || true; }

switch() {
  local before
  before=$(link current)
  point current "$1"
  [[ ! $before || $before == "$1" ]] || point previous "$before"
  place "$1" "$before"
  ln -sfn "$OPT/current/bin/paranad" "$BIN/paranad"
  ln -sfn "$OPT/current/bin/paranadctl" "$BIN/paranadctl"
  systemctl daemon-reload
}

point() {
  ln -sfn "$2" "$OPT/.$1"
  mv -T "$OPT/.$1" "$OPT/$1"
}

place() {
  [[ ! ${2:-} ]] || comm -13 <(files "$1") <(files "$2") | remove
  files "$1" | while read -r file; do
    lay "$OPT/$1/root/$file" "/$file"
  done
}

files() { (cd "$OPT/$1/root" 2>/dev/null && find ./* -type f | sort) || true; }

remove() {
  while read -r file; do
    rm -f "/$file"
  done
}

is_under_way() { [[ $(systemctl show --property=ActiveState --value paranad.service) =~ ^(active|activating|reloading)$ ]]; }

restart() {
  say "restarting the daemon; jobs under way are finished first"
  systemctl restart paranad.service
}

# Where it runs; a version that has none ends it.
restart_page() { systemctl try-restart paranad-web.service 2>/dev/null || systemctl stop paranad-web.service 2>/dev/null || true; }

go_back() {
  journalctl --unit=paranad.service --lines=10 --no-pager --output=cat >&2 || true
  switch "$1"
  systemctl reset-failed paranad.service || true
  systemctl start paranad.service || die "neither $2 nor $1 starts (see above, and: journalctl -u paranad)"
  die "$2 did not start (its last lines are above); $1 is in use again"
}

forget_older() {
  local kept folder
  kept="$(link current) $(link previous)"
  for folder in "$OPT"/*/; do
    folder=$(basename "$folder")
    [[ $folder == current || $folder == previous || " $kept " == *" $folder "* ]] || rm -rf "${OPT:?}/$folder"
  done
}

say_how_the_configuration_is() {
  cat "$work/check"
  if [[ $is_good ]]; then
    is_under_way || say "start it, now and at every boot: systemctl enable --now paranad"
  elif check "$1" --setenv=PARANAD_SHOP__DATABASE_URL=mysql://nobody@localhost/none >/dev/null 2>&1; then # nothing else
    say "this is missing (see above). Write it into $CONFIG/paranad.toml, secrets rather into files of $CONFIG/credentials:"
    say "  courier/username, courier/password, shop/database_url. Then check it by running this again, and start it, now and"
    say "  at every boot: systemctl enable --now paranad"
    say "on a second server of a shop, read this first: $OPT/current/share/doc/docs/two-servers.md"
  else
    die "$1 is installed, but with this configuration it does not start (see above); correct it, then run this again"
  fi
}

# ------------------------------------------------------ rollback, uninstall

rollback() {
  local now before
  now=$(link current) before=$(link previous)
  [[ $before && -e $OPT/$before/installed ]] || die "there is no version before ${now:-this one} in $OPT; nothing is changed"
  use "$before"
  say "paranad $before is in use again; $now is kept: make rollback goes back to it"
}

uninstall() {
  local version
  version=$(link current)
  [[ -e $OPT ]] || die "paranad is not installed: there is no $OPT"
  say "stopping the daemon; jobs under way are finished first"
  systemctl disable --now "${SERVICES[@]}" "${OPTIONAL[@]}" 2>/dev/null || true
  rm -rf /run/paranad-metrics
  files "$version" | remove
  rm -f "$BIN/paranad" "$BIN/paranadctl"
  rm -rf "$OPT"
  systemctl daemon-reload
  systemctl reset-failed "${SERVICES[@]}" "${OPTIONAL[@]}" 2>/dev/null || true
  say "paranad is removed. Left as they are: the queue and the shipment journal in $STATE, the configuration in $CONFIG,"
  say "your drop-ins in ${DROP_INS%/*}/paranad*.service.d, and the users paranad and paranad-web. To remove those too:"
  say "  rm -rf $STATE $CONFIG ${DROP_INS%/*}/paranad*.service.d && userdel paranad-web && userdel paranad"
}

case ${1:-} in
  install | rollback | uninstall) main "$1" ;;
  *) die "expected install, rollback or uninstall, got \"${1:-}\"" ;;
esac
