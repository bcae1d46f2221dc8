# A value is whatever the host holds: it is read as text, and one line each is made sure of here.
say() {
	case $2 in
	*"$line_feed"* | *"$carriage_return"*) printf '%s %s\n' "$1" "$(printf '%s' "$2" | tr '\n\r' '  ')" ;;
	*) printf '%s %s\n' "$1" "$2" ;;
	esac
}
line_feed='
'
carriage_return=$(printf '\r')

# say_file KEY FILE: its first line.
say_file() {
	content=
	IFS= read -r content 2>/dev/null <"$2"
	say "$1" "$content"
}

# say_systems: whether this is NixOS, and where its links lead.
say_systems() {
	if [ -e /etc/NIXOS ]; then say nixos yes; else say nixos "$(sed -n 's/^ID=//p' /etc/os-release 2>/dev/null)"; fi
	say running "$(readlink -f /run/current-system 2>/dev/null)"
	say booted "$(readlink -f /run/booted-system 2>/dev/null)"
	say profile "$(readlink -f /nix/var/nix/profiles/system 2>/dev/null)"
}

# A unit between two automatic restarts is a failing one, though systemd counts it as activating.
say_failed_units() {
	systemctl list-units --all --full --plain --no-legend --no-pager --state=failed,auto-restart 2>/dev/null |
		while read -r unit _; do say failed-unit "$unit"; done
}

# say_boot_default LOADER-AND-TOPLEVEL: what is started next, and of what it has another one than is in use.
say_boot_default() {
	say boot-default "$1"
	next=${1#* }
	if [ "$next" = - ]; then next=/run/current-system; fi
	for part in kernel initrd kernel-modules; do
		used=$(readlink -e "/run/booted-system/$part")
		other=$(readlink -e "$next/$part")
		if [ -n "$used" ] && [ -n "$other" ] && [ "$used" != "$other" ]; then say reboot-for "$part"; fi
	done
}

# say_login ELEVATION: who looks, and where the program of this name is that makes root of whoever logs in.
say_login() {
	say user "$(id -un 2>/dev/null || id -u)"
	if [ "$(id -u)" = 0 ]; then say seen-as root; else say seen-as user; fi
	say elevated-by "$(command -v "$1" 2>/dev/null)"
}
