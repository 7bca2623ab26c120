#!/bin/bash
# Passes when the copy runs.
state=$(lxc list '^second$' -c s --format csv)
case $state in
    RUNNING) echo "second is running." ;;
    "") echo "There is no container called second yet." && exit 1 ;;
    *) echo "second is there, but it isn't running." && exit 1 ;;
esac
