# shellcheck shell=sh
# Copies real programs of the building machine into the store, so that what a system runs comes
# from its own closure and not from /usr/bin. Their libraries still come from /usr/lib.
# From the derivation: out, programs.
: "${out:?}" "${programs:?}"
mkdir -p "$out/bin" "$out/lib/systemd"

for name in $programs; do
  for dir in /usr/bin /usr/sbin /bin /sbin; do
    [ -x "$dir/$name" ] || continue
    # Multi-call programs (nix, systemctl, pgrep) and alternatives (awk): one copy, many names.
    real=$(readlink -f "$dir/$name")
    base=${real##*/}
    # Copying without -p drops setuid bits, which Nix would refuse.
    [ -e "$out/bin/$base" ] || cp "$real" "$out/bin/$base"
    [ "$name" = "$base" ] || ln -sf "$base" "$out/bin/$name"
    break
  done
done

# $toplevel/systemd is this directory; on NixOS PID 1 is systemd/lib/systemd/systemd.
ln -s /lib/systemd/systemd "$out/lib/systemd/systemd"
