#!/bin/bash
# Passes when the container "first" runs.
state=$(lxc list '^first$' -c s --format csv)
case $state in
    RUNNING) echo "first is running." ;;
    "") echo "There is no container called first yet." && exit 1 ;;
    *) echo "first is there, but it isn't running." && exit 1 ;;
esac
