#!/bin/sh
# Passes when the names were kept.
if grep -q '^lo$' ~/network 2>/dev/null; then
    echo "Cables: $(tr '\n' ' ' < ~/network)"
else
    echo "There is no file ~/network with the names yet."
    exit 1
fi
