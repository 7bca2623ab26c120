#!/bin/bash
# Passes when the snapshot is there.
if lxc query /1.0/instances/first/snapshots/clean >/dev/null 2>&1; then
    echo "The snapshot is there."
else
    echo "first has no snapshot called clean yet."
    exit 1
fi
