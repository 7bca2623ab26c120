#!/bin/bash
set -e
if lxc info first >/dev/null 2>&1; then
    lxc start first 2>/dev/null || true
else
    lxc launch --quiet tiny first
fi
