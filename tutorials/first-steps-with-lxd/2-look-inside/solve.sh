#!/bin/bash
set -e
lxc exec first -- sh -c 'echo hello > /root/note'
