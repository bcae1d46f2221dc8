#!/bin/sh
# What a person would write instead of flurry, as short as it honestly gets: each host is brought to its configuration of
# the flake, tested, and made to boot it over a new connection. Nothing is judged, told or put back.
#   SSH_CONFIG=FILE script.sh target|local FLAKE HOST...   where the systems are built; the flake is a git repository
set -eu
export NIX_SSHOPTS="-F $SSH_CONFIG"
attribute() { echo "nixosConfigurations.\"$1\".config.system.build.toplevel"; }
on() { ssh -F "$SSH_CONFIG" "$@"; }

case $1 in
target | local)
  if [ "$1" = target ]; then
    reference=$(nix eval --raw --impure --expr "let
      flake = builtins.getFlake \"git+file://$2\";
      hash = builtins.replaceStrings [ \"+\" \"/\" \"=\" ] [ \"%2B\" \"%2F\" \"%3D\" ] flake.narHash;
    in \"path:\${flake.outPath}?lastModified=\${toString flake.lastModified}&narHash=\${hash}&rev=\${flake.rev}\"")
  fi
  where=$1 flake=$2
  shift 2
  printf '%s\n' "$@" | xargs -P 10 -n 1 "$0" "one-$where" "${reference-git+file://$flake}"
  exit
  ;;
esac

host=$3
case $1 in
one-target)
  source=${2#path:}
  nix copy --to "ssh-ng://$host" "${source%%\?*}"
  get="nix --extra-experimental-features 'nix-command flakes' build --no-link --print-out-paths '$2#$(attribute "$host")'"
  ;;
one-local)
  built=$(nix-store --realise "$(nix eval --raw "$2#$(attribute "$host").drvPath")")
  nix copy --no-check-sigs --to "ssh-ng://$host" "$built"
  get="echo $built"
  ;;
esac
system=$(on "$host" "system=\$($get) || exit
  [ \"\$(readlink -f /run/current-system /nix/var/nix/profiles/system | uniq)\" = \"\$system\" ] || echo \"\$system\"")
[ -n "$system" ] || exit 0
on "$host" "$system/bin/switch-to-configuration test"
on "$host" "nix-env --profile /nix/var/nix/profiles/system --set $system && $system/bin/switch-to-configuration boot"
