# A value is whatever the host holds: it is read as text, and one line each is made sure of here.
say() {
	printf '%s %s\n' "$1" "$(printf '%s' "$2" | tr '\n\r' '  ')"
}

# say_systems: whether this is NixOS, and where its links lead.
say_systems() {
	say nixos "$(if [ -e /etc/NIXOS ]; then echo yes; else sed -n 's/^ID=//p' /etc/os-release 2>/dev/null; fi)"
	say running "$(readlink -f /run/current-system 2>/dev/null)"
	say booted "$(readlink -f /run/booted-system 2>/dev/null)"
	say profile "$(readlink -f /nix/var/nix/profiles/system 2>/dev/null)"
}

# say_login ELEVATION: who looks, and where the program of this name is that makes root of whoever logs in.
say_login() {
	say user "$(id -un 2>/dev/null || id -u)"
	say seen-as "$(if [ "$(id -u)" = 0 ]; then echo root; else echo user; fi)"
	say elevated-by "$(command -v "$1" 2>/dev/null)"
}
