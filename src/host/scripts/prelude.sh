# Every script of ours on a host begins with this: one language, and the programs of the system that runs now, by
# their store paths, since /run/current-system moves in the middle of an activation.
LC_ALL=C
export LC_ALL
system=$(readlink -f /run/current-system 2>/dev/null) || system=
if [ -n "$system" ]; then PATH=$system/sw/bin:$PATH; fi
export PATH
