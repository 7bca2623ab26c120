#!/bin/sh
# Passes when the addresses were kept.
if grep -q LOOPBACK ~/network 2>/dev/null; then
    echo "Your addresses: $(sed -n 's/^ *inet6* \([^ /]*\).*/\1/p' ~/network | tr '\n' ' ')"
else
    echo "There is no file ~/network with the addresses yet."
    exit 1
fi
