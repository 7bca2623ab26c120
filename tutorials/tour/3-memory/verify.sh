#!/bin/sh
# Passes when the limit was kept.
if grep -q MemTotal ~/memory 2>/dev/null; then
    echo "You may use $(awk '{print int($2 / 1024)}' ~/memory) MB."
else
    echo "There is no file ~/memory with the limit yet."
    exit 1
fi
