#!/bin/sh
# Passes when the vase is gone and the rest of the museum is not.
if [ ! -e ~/museum/teapot ]; then
    echo "More than the vase is gone."
    exit 1
fi
if [ -e ~/museum/vase ]; then
    echo "The vase still stands."
    exit 1
fi
echo "Pieces everywhere."
