# shellcheck shell=bash
# What the set-up scripts share: messages, becoming root, waiting for a condition.
#
# Messages go to standard error, so that a script's standard output stays what it answers.

# The project's root, whatever directory the script was called from.
# shellcheck disable=SC2034 # Read by the scripts that source this file.
ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"

# Where root's programs are, for users whose PATH lacks it.
PATH=$PATH:/usr/sbin:/sbin

say() { printf '\033[1m==>\033[0m %s\n' "$*" >&2; }
warn() { printf '\033[33mwarning:\033[0m %s\n' "$*" >&2; }

# die MESSAGE [REMEDY] ends the script with code 1; DIE_CODE overrides the code.
die() {
    printf '\033[31merror:\033[0m %s\n' "$1" >&2
    if [ $# -gt 1 ]; then printf '       %s\n' "$2" >&2; fi
    exit "${DIE_CODE:-1}"
}

have() { command -v "$1" >/dev/null 2>&1; }

# Runs the calling script again as root when it is not root already: `become_root "$@"`.
# The variables that steer the scripts pass through sudo.
become_root() {
    [ "$(id -u)" -eq 0 ] && return 0
    have sudo || die "$(basename "$0") needs root, and there is no sudo." \
        "Run it as root: su -c '$0 $*'"
    say "$(basename "$0") needs root: asking sudo."
    exec sudo --preserve-env=LXD_DIR,INCUS_DIR,FLAVOUR,TRYIT_DEBIAN_MIRROR,CI "$0" "$@"
}

# Gives files that root made back to the user who called sudo.
give_back() {
    if [ -n "${SUDO_UID:-}" ]; then chown -R "$SUDO_UID:${SUDO_GID:-}" "$@"; fi
}

# wait_for SECONDS COMMAND… polls a condition that offers nothing to wait on.
wait_for() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@"; do
        if [ "$SECONDS" -ge "$deadline" ]; then return 1; fi
        sleep 0.05
    done
}

has_systemd() { [ -d /run/systemd/system ]; }

# Prints the socket of the daemon in LXD_DIR or INCUS_DIR; without these, of the machine's own
# LXD (package, snap) or Incus. Fails when no daemon listens there.
lxd_socket() {
    local socket
    if [ -n "${LXD_DIR:-}${INCUS_DIR:-}" ]; then
        set -- "${LXD_DIR:-$INCUS_DIR}/unix.socket"
    else
        set -- /var/lib/lxd/unix.socket /var/snap/lxd/common/lxd/unix.socket /var/lib/incus/unix.socket
    fi
    for socket in "$@"; do
        if socket_listens "$socket"; then echo "$socket" && return 0; fi
    done
    return 1
}

# A socket's file outlives its daemon, so the daemon is asked; who may not ask looks for a listener.
socket_listens() {
    if [ -w "$1" ]; then daemon_answers "$1"; else grep -qs " 00010000 .* $1\$" /proc/net/unix; fi
}

daemon_answers() {
    curl --silent --fail --max-time 10 --unix-socket "$1" --output /dev/null http://lxd/1.0 2>/dev/null
}

# apt_install PACKAGE… installs after one update of the package lists, which may be old.
apt_install() {
    have apt-get || die "There is no apt-get here; install yourself: $*"
    if [ -z "${APT_UPDATED:-}" ]; then
        apt-get --quiet=2 update || warn "The package lists could not be updated; trying with the old ones."
        APT_UPDATED=1
    fi
    DEBIAN_FRONTEND=noninteractive apt-get --quiet=2 install --yes --no-install-recommends "$@" >/dev/null
}

# Where Incus keeps its daemon, which is in no PATH.
incusd_path() {
    local path
    for path in /usr/libexec/incus/incusd /opt/incus/bin/incusd /usr/bin/incusd; do
        if [ -x "$path" ]; then echo "$path" && return 0; fi
    done
    return 1
}
