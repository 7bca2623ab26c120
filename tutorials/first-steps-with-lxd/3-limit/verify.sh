#!/bin/bash
# Passes when the container has a memory limit.
limit=$(lxc config get first limits.memory) || exit 1
if [ -n "$limit" ]; then
    echo "first may use $limit."
else
    echo "first has no memory limit yet."
    exit 1
fi
