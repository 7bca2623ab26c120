#!/bin/sh
# Passes when the limit was kept.
if grep -q MemTotal ~/memory 2>/dev/null; then
    echo "You may use $(($(tr -dc 0-9 < ~/memory) / 1024)) MB."
else
    echo "There is no file ~/memory with the limit yet."
    exit 1
fi
