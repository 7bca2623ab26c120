#!/bin/sh
rm -f ~/museum/vase
