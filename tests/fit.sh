#!/bin/sh
# Throws away a Python environment that looks whole and is not: its installation was interrupted (uv takes half a
# package for a whole one), or its folder was moved (its programs name the old one). make asks this before all else.
set -eu
[ -d .venv ] || exit 0
if [ -e build/.installing ]; then
    kill -0 "$(cat build/.installing)" 2>/dev/null && exit 0 # another make is still at it
    why="was not finished"
elif [ "$(cat .venv/place 2>/dev/null)" != "$(pwd)" ]; then
    why="was made for another folder"
else
    exit 0
fi
echo "The Python environment $why, so it is made again." >&2
rm -rf .venv build/.installing build/.environment build/.environment-dev
