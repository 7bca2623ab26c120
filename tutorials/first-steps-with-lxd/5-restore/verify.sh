#!/bin/bash
# Passes when the container works and was started again after the snapshot, as a restore does.
snapshot=$(lxc query /1.0/instances/first/snapshots/clean 2>/dev/null | sed -n 's/.*"created_at": "\(.*\)".*/\1/p')
if [ -z "$snapshot" ]; then
    echo "The snapshot clean is gone: take it again in the step before."
    exit 1
fi
if [ "$(lxc exec first -- whoami 2>/dev/null)" != root ] || ! lxc exec first -- ls /bin >/dev/null 2>&1; then
    echo "first is still broken."
    exit 1
fi
started=$(lxc query /1.0/instances/first | sed -n 's/.*"last_used_at": "\(.*\)".*/\1/p')
if [[ $started < $snapshot ]]; then
    echo "first is whole, but nothing was restored yet."
    exit 1
fi
echo "first is whole again."
