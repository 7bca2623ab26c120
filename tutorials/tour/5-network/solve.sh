#!/bin/sh
ip addr > ~/network
