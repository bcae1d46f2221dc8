#!/bin/sh
# Runs in the Debian root (chroot, /proc and /dev mounted): builds the stand-in's base system with the root's own Nix,
# makes it generation 1 of the system profile and the boot default. $1: the flake's folder. Prints the toplevel.
set -eu
flake=$1
export HOME=/root NIX_REMOTE=local
export NIX_CONFIG="sandbox = false
build-users-group =
substituters =
extra-experimental-features = nix-command flakes"
link=$(mktemp -d)/base

nix build --no-write-lock-file --out-link "$link" "path:$flake#packages.x86_64-linux.base" >&2
base=$(readlink -f "$link")
nix-env -p /nix/var/nix/profiles/system --set "$base" >&2
NIXOS_INSTALL_BOOTLOADER=0 "$base/bin/switch-to-configuration" boot >&2

# Only the profile keeps the base alive, as after an installation.
rm -rf "${link%/base}" /root/.cache /root/.local/state/nix /root/.nix-defexpr /root/.nix-profile /root/.nix-channels
nix-store --gc >/dev/null 2>&1
echo "$base"
