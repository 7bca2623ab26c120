#!/bin/bash
set -e
lxc query /1.0/instances/first/snapshots/clean >/dev/null 2>&1 || lxc snapshot first clean
