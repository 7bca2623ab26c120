#!/bin/sh
dd if=/dev/zero of="$HOME/big" bs=1M count=20
