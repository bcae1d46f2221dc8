#!/bin/sh
# <toplevel>/init, run as PID 1 by the boot loader. NixOS's stage 2 in short: note what was
# booted, activate (which makes /etc from nothing: /etc/static may dangle), become systemd.
out=@out@
PATH=@tools@/bin
export PATH

echo "<<< NixOS Stage 2 (shaped) >>>"
mkdir -p /run/nixos
ln -sfn "$out" /run/booted-system
# Like NixOS, a failed activation does not keep the machine from coming up.
"$out/activate" "$out" || echo "stage 2: activation failed" >&2

exec /lib/systemd/systemd "$@"
