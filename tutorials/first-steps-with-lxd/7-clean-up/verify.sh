#!/bin/bash
# Passes when no container is left.
left=$(lxc list -c n --format csv | tr '\n' ' ')
if [ -z "$left" ]; then
    echo "All clean."
else
    echo "Still there: $left"
    exit 1
fi
