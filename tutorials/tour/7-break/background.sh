#!/bin/sh
# Sets the museum up, out of sight.
mkdir -p ~/museum
printf '   )_(\n   | |\n .-`-`-.\n/       \\\n|       |\n \\     /\n  `---`\n' > ~/museum/vase
printf 'You, but the other way round.\n' > ~/museum/mirror
printf 'Short and stout.\n' > ~/museum/teapot
touch ~/museum/.open
