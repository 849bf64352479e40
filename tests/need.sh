#!/bin/sh
# Have a Debian package, or say the one command that installs it.  usage: need.sh chromium
set -eu
command -v "$1" >/dev/null 2>&1 && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing $1 …"
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y "$1"; } >/dev/null && exit 0
fi
echo "CAIT needs $1 here. Install it, for example with: sudo apt-get install -y $1"
exit 1
