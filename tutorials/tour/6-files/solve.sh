#!/bin/sh
echo "I was here" > ~/diary
chmod 600 ~/diary
