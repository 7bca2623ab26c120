#!/bin/bash
set -e
for name in $(lxc list -c n --format csv); do
    lxc delete --force "$name"
done
