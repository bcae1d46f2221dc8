#!/bin/sh
# npm start: sees to it that TypeScript can run on this machine, then hands over to start.ts.
set -eu
cd "$(dirname "$0")/../.."
. test/setup.sh

obstacle=$(fleet_obstacle)
if [ -n "$obstacle" ]; then
	cat >&2 <<END
The demo cannot run here: $obstacle.
It needs root on Debian 12 or later; a throw-away virtual machine will do.

Without it, begin with a host of your own. This looks and judges, and changes nothing:

  npm --prefix '$(pwd)' ci
  '$(pwd)/bin/flurry.js' check HOST

HOST is whatever you would give to ssh. README.md tells how to go on from there.
END
	exit 1
fi

cat <<END
flurry's demo: three hosts with systemd, sshd and Nix on this machine, one flake for all.
It takes half a minute, the first time some minutes, and changes on this machine:

  node_modules, dist      here
  packages, one sysctl    each is announced; npm run fleet:clean takes them back
  /var/lib/flurry-fleet   the hosts' disks, while they run
  $(printf %-23s "$(echo "${XDG_CACHE_HOME:-$HOME/.cache}/flurry" | sed "s|^$HOME/|~/|")") their root file system (400 MB), a flake to play with

END
install_npm_packages
build_dist
exec node --import tsx test/demo/start.ts
