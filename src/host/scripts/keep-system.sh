# Makes the system $2 a root of garbage collection for as long as the folder of deployment $1 is there: it may be in no
# generation, and nothing else would hold it until it runs.
nix-store --realise "$2" --add-root "/run/flurry/$1/toplevel" --indirect >/dev/null
