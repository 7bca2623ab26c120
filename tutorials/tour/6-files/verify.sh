#!/bin/sh
# Passes when only the owner may read the diary.
if [ ! -s ~/diary ]; then
    echo "There is no file ~/diary yet."
    exit 1
fi
rights=$(ls -l ~/diary | cut -c 1-10)
if [ "$rights" = "-rw-------" ]; then
    echo "Your secret is safe."
else
    echo "Others may still read ~/diary: its rights are $rights."
    exit 1
fi
