# Makes the toplevel $2, which was built elsewhere and copied here, a root of garbage collection for as long as the folder
# of deployment $1 is there, and tells how it, or its specialisation $3, differs from what runs. Fails where it is not in the store.
nix-store --check-validity "$2" && nix-store --realise "$2" --add-root "/run/flurry/$1/toplevel" --indirect >/dev/null || exit
tell_change "$2" "$3"
