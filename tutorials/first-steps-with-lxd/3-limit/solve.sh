#!/bin/bash
set -e
lxc config set first limits.memory 64MiB
