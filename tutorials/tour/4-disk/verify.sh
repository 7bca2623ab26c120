#!/bin/sh
# Passes when the file is there and large.
size=$(wc -c 2>/dev/null < ~/big || echo 0)
if [ "$size" -ge 20971520 ]; then
    echo "20 MB of nothing."
elif [ "$size" -gt 0 ]; then
    echo "~/big is there, but smaller than 20 MB."
    exit 1
else
    echo "There is no file ~/big."
    exit 1
fi
