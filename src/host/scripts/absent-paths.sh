# Says which of the store paths $1 and on are not there, a line each.
nix-store --check-validity --print-invalid "$@"
