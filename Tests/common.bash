# Shared by Tests/run and .ci/run; sourced, never run. Works with bash 3.2, which is what macOS has.

# Seconds since the script started, as minutes and seconds.
elapsed() {
    printf '%02d:%02d' $((SECONDS / 60)) $((SECONDS % 60))
}

say() {
    printf '[%s] %s\n' "$(elapsed)" "$*"
}

# The names in one list of a manifest, one a line: names_in_manifest DUMP-FILE products|targets|traits [PATTERN].
# DUMP-FILE holds what `swift package dump-package` printed, which is indented by two spaces a level: that is read
# here, as neither jq nor Python is sure to be there. With PATTERN, only of entries with a line that matches it.
names_in_manifest() {
    LC_ALL=C awk -v key="$2" -v pattern="${3:-}" '
        $0 ~ "^  \"" key "\" : \\[" { inside = 1; next }
        inside && /^  \]/ { exit }
        inside && /^    \{/ { name = ""; matched = (pattern == "") }
        inside && /^      "name" : / { name = $0; sub(/^      "name" : "/, "", name); sub(/",?$/, "", name) }
        inside && pattern != "" && $0 ~ pattern { matched = 1 }
        inside && /^    \}/ && name != "" && matched { print name }
    ' "$1"
}

# Installs what system-packages.txt lists for the given traits ("-" stands for every build), saying which.
install_system_packages() {
    local list="$root/Tests/system-packages.txt" os wanted trait apt brew package
    local -a apt_missing=() brew_missing=()
    os=$(uname -s)
    for wanted in "$@"; do
        while read -r trait apt brew; do
            [ "$trait" = "$wanted" ] || continue
            if [ "$os" = Darwin ]; then
                [ "$brew" = - ] || brew list "$brew" >/dev/null 2>&1 || brew_missing+=("$brew")
            else
                [ "$apt" = - ] || dpkg -s "$apt" >/dev/null 2>&1 || apt_missing+=("$apt")
            fi
        done < <(grep -v '^ *#' "$list")
    done
    if [ ${#brew_missing[@]} -gt 0 ]; then
        say "these are needed first: brew install ${brew_missing[*]}"
        return 1
    fi
    [ ${#apt_missing[@]} -gt 0 ] || return 0
    install_debian_packages "${apt_missing[@]}"
}

# Installs Debian packages, as root or through sudo; otherwise says what to install.
install_debian_packages() {
    local -a become=()
    if ! command -v apt-get >/dev/null; then
        say "this system has no apt-get; install what provides Debian's packages: $*"
        return 1
    fi
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || { say "needed first, as root: apt-get install $*"; return 1; }
        become=(sudo)
    fi
    say "installing the system packages: $*"
    ${become[@]+"${become[@]}"} apt-get update -qq >/dev/null
    ${become[@]+"${become[@]}"} env DEBIAN_FRONTEND=noninteractive \
        apt-get install -qq --no-install-recommends "$@" >/dev/null
}

# Has WEBSOCKETS_PYTHON name a Python with the packages `websockets` and `hypercorn`, the peers of the WebSocket and
# HTTP/2 tests (Tests/Peers), and exports it: prepare_websockets FOLDER. One that is named already is kept. What it
# needs and is not here it installs; without a network that fails within a minute or two, and the status says so.
prepare_websockets() {
    local venv="$1/websockets" imports='import websockets.asyncio.server, hypercorn.asyncio'
    if [ -z "${WEBSOCKETS_PYTHON:-}" ]; then
        if ! "$venv/bin/python" -c "$imports" 2>/dev/null; then
            say "installing the Python packages websockets and hypercorn"
            if ! python3 -c 'import ensurepip, venv' 2>/dev/null; then
                install_debian_packages python3-venv || return 1
            fi
            rm -rf "$venv"
            python3 -m venv "$venv" || return 1
            "$venv/bin/pip" --disable-pip-version-check --no-input install --quiet --timeout 10 --retries 4 \
                'websockets>=14' 'hypercorn>=0.17' || return 1
            "$venv/bin/python" -c "$imports" || return 1
        fi
        WEBSOCKETS_PYTHON="$venv/bin/python"
    fi
    export WEBSOCKETS_PYTHON
}

# Runs a command with its output in a file: run_logged LOG LIMIT-SECONDS WHAT COMMAND…
# The status is the command's, or 124 when it ran over the limit and was ended with all that it had started.
running=""
run_logged() {
    local log=$1 limit=$2 what=$3 started=$SECONDS status=0 next=60
    shift 3
    "$@" >"$log" 2>&1 </dev/null &
    running=$!
    while kill -0 "$running" 2>/dev/null; do
        sleep 0.3
        if [ $((SECONDS - started)) -ge "$limit" ]; then
            end_running
            return 124
        fi
        if [ $((SECONDS - started)) -ge $next ]; then
            say "$what: still running"
            next=$((next + 60))
        fi
    done
    wait "$running" || status=$?
    running=""
    return $status
}

# Ends what run_logged has running, if anything. `swift test` gives the test process a process group of its own and
# keeps back what that prints: so the leaves of the tree go first, by a signal at which Swift prints where they are (and
# lets them run on, hence the second one), and their parents have some seconds to pass it on.
end_running() {
    local pid=$running tree leaves
    [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null || return 0
    running=""
    tree=$(descendants "$pid")
    leaves=$(descendants "$pid" leaves)
    if [ -n "$leaves" ]; then
        kill -ABRT $leaves 2>/dev/null || true
        wait_while_alive "$pid" 3
        kill -KILL $leaves 2>/dev/null || true
        wait_while_alive "$pid" 10
    fi
    kill -KILL "$pid" $tree 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
}

wait_while_alive() {
    local until=$((SECONDS + $2))
    while kill -0 "$1" 2>/dev/null && [ "$SECONDS" -lt "$until" ]; do
        sleep 0.3
    done
}

# The processes below one: descendants PID [leaves].
descendants() {
    {
        if command -v ps >/dev/null; then
            ps -A -o pid= -o ppid=
        else
            sed -n 's/^\([0-9]*\) (.*) [A-Za-z] \([0-9]*\) .*/\1 \2/p' /proc/[0-9]*/stat 2>/dev/null
        fi
    } | awk -v root="$1" -v leaves="${2:-}" '
        { parent[$1] = $2; children[$2] += 1 }
        END {
            for (pid in parent) {
                for (above = parent[pid]; above != root && above in parent && above != 0; above = parent[above]) {}
                if (above == root && (leaves == "" || !children[pid])) print pid
            }
        }'
}
