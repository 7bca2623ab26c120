#!/bin/sh
grep MemTotal /proc/meminfo > ~/memory
