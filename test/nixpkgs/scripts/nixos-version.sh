#!/bin/sh
# sw/bin/nixos-version: plain, or --json with what is known.
version='@label@'
revision='@revision@'

case "${1-}" in
--json)
  if [ "$revision" ]; then
    printf '{"configurationRevision":"%s","nixosVersion":"%s"}\n' "$revision" "$version"
  else
    printf '{"nixosVersion":"%s"}\n' "$version"
  fi
  ;;
--configuration-revision)
  if [ -z "$revision" ]; then
    echo "$0: configuration revision is unknown" >&2
    exit 1
  fi
  printf '%s\n' "$revision"
  ;;
--hash | --revision)
  echo "$0: Nixpkgs commit hash is unknown" >&2
  exit 1
  ;;
"") printf '%s (Shaped)\n' "$version" ;;
*)
  echo "usage: nixos-version [--json | --configuration-revision]" >&2
  exit 1
  ;;
esac
