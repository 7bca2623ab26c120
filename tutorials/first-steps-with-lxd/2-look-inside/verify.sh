#!/bin/bash
# Passes when there is a note in the container.
if lxc exec first -- test -s /root/note; then
    echo "The note is there."
else
    echo "There is no /root/note in first yet."
    exit 1
fi
