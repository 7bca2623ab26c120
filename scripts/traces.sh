# shellcheck shell=bash
# Removes what a daemon that was killed leaves outside of its namespaces. Sourced after lib.sh.

# remove_network BRIDGE removes the bridge, what hangs on it, and the firewall chains that name it.
remove_network() {
    local bridge=$1 link
    if ip link show dev "$bridge" >/dev/null 2>&1; then
        for link in $(ip -o link show master "$bridge" | sed 's/^[0-9]*: \([^:@]*\).*/\1/'); do
            ip link delete "$link" 2>/dev/null || true
        done
        ip link delete "$bridge"
    fi
    delete_chains "\\.$bridge(\\.|$)"
}

# delete_chains PATTERN deletes the firewall chains with such a name, with what is in them.
delete_chains() {
    local family table chain
    have nft || return 0
    while read -r family table chain; do
        nft flush chain "$family" "$table" "$chain" && nft delete chain "$family" "$table" "$chain"
    done < <(nft list ruleset 2>/dev/null | awk -v pattern="$1" '
        $1 == "table" { family = $2; table = $3 }
        $1 == "chain" && (table == "lxd" || table == "incus") && $2 ~ pattern { print family, table, $2 }')
}

# remove_filters NAME deletes the address filters of a container's interfaces, unless a container of
# the same name in another daemon has made them its own: then their interface is there.
remove_filters() {
    local interface
    have nft || return 0
    interface=$(nft list ruleset 2>/dev/null | awk -v name="$1" '
        $1 == "chain" { ours = index($2, "in." name ".") == 1 }
        ours && $1 == "iifname" { gsub("\"", "", $2); print $2; exit }')
    if [ -n "$interface" ] && ! ip link show dev "$interface" >/dev/null 2>&1; then
        delete_chains "^(in|fwd)\\.$1\\."
    fi
}

# remove_cgroups NAME removes the empty control groups of a container; a second one of its name has
# "-1" after it.
remove_cgroups() {
    local kind group
    # The kernel takes some away meanwhile, which is as well.
    for kind in lxc.payload lxc.monitor; do
        find /sys/fs/cgroup -type d \( -name "$kind.$1" -o -name "$kind.$1-[0-9]*" \) -prune -print 2>/dev/null || true
    done | while read -r group; do
        find "$group" -depth -type d -exec rmdir {} + 2>/dev/null || true
    done
}

# remove_profiles DIRECTORY unloads the AppArmor profiles that the daemon with this directory loaded.
remove_profiles() {
    if have apparmor_parser && [ -d "$1/security/apparmor/profiles" ]; then
        find "$1/security/apparmor/profiles" -type f -exec apparmor_parser --remove {} \; >/dev/null 2>&1 || true
    fi
}
