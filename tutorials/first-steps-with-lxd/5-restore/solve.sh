#!/bin/bash
set -e
lxc exec first -- rm -rf /etc || true
lxc restore first clean
