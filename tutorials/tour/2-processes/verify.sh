#!/bin/sh
# Passes when somebody sleeps.
for comm in /proc/[0-9]*/comm; do
    if [ "$(cat "$comm" 2>/dev/null)" = sleep ]; then
        echo "Somebody is asleep."
        exit 0
    fi
done
echo "Nobody sleeps here."
exit 1
