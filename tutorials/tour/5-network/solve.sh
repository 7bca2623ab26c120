#!/bin/sh
ls /sys/class/net > ~/network
