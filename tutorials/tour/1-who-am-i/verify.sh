#!/bin/sh
# Passes when the answer was kept.
if [ -s ~/whoami ]; then
    echo "You are $(cat ~/whoami)."
else
    echo "There is no file ~/whoami yet."
    exit 1
fi
