#!/bin/sh
# Have Debian packages, or say the one command that installs them.  usage: need.sh chromium
# They are there where the first is a command; whoever needs a library has looked for it already.
set -eu
command -v "$1" >/dev/null 2>&1 && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing $* …"
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y "$@"; } >/dev/null && exit 0
fi
echo "CAIT needs $* here. Install it, for example with: sudo apt-get install -y $*"
exit 1
