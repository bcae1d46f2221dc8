# One look at the host: all that is judged before anything is copied, as lines "KEY VALUE". Changes nothing.
# $1: seconds to wait for a host that is still starting. $2: by what root is reached. Without root a part of it stays unseen.
# $3: who looks, as their deployments name them, or empty.
say_login "$2"

state=$(systemctl is-system-running 2>/dev/null)
case $state in
initializing | starting)
	say waiting "still $state"
	state=$(timeout "$1" systemctl is-system-running --wait 2>/dev/null)
	[ -n "$state" ] || state=$(systemctl is-system-running 2>/dev/null)
	;;
esac
say system-state "$state"
say_failed_units

say hostname "$(cat /proc/sys/kernel/hostname)"
say machine-id "$(cat /etc/machine-id 2>/dev/null)"
say boot-id "$(cat /proc/sys/kernel/random/boot_id)"
say machine "$(uname -m)"
say kernel "$(uname -r)"
say memory-kib "$(sed -n 's/^MemTotal:[[:space:]]*\([0-9]*\) kB$/\1/p' /proc/meminfo)"
say systemd-version "$(systemctl --version 2>/dev/null | sed -n '1s/^systemd \([0-9]*\).*/\1/p')"
say nix-version "$(nix --version 2>/dev/null | sed -n '1s/.* //p')"
say_systems
say_boot_default "$(boot_default)"

space() {
	df -Pk "$1" 2>/dev/null | awk -v at="$1" -v only="$2" 'NR == 2 && (only == "" || $6 == only) { print $4, $2 }'
}
say nix-space-kib "$(space /nix/store '')"
say boot-space-kib "$(space /boot /boot)"
say kernel-bytes "$(cat /run/current-system/kernel /run/current-system/initrd 2>/dev/null | wc -c)"

# Who is switching the system now, other than a deployment of ours, whose transaction tells more of itself later.
if systemctl is-active --quiet nixos-rebuild-switch-to-configuration.service 2>/dev/null; then
	say switching nixos-rebuild-switch-to-configuration.service
fi
lock=/run/nixos/switch-to-configuration.lock
if systemctl is-active --quiet flurry-activate.service 2>/dev/null; then
	say deployment under-way
elif [ "$(id -u)" = 0 ] && [ -e "$lock" ] && command -v flock >/dev/null 2>&1; then
	flock -n "$lock" true || say switching "a program that holds $lock"
fi

# Where the system that runs came from may be long ago, and so may the last deployment of whoever looks.
history=/var/lib/flurry/history.jsonl
if [ -r "$history" ]; then
	begun() { grep '^{"event":"begun"' "$history" | grep -F "\"$1\":\"$2\"" | tail -n 1; }
	running=$(readlink -f /run/current-system)
	brought=$({ begun new "$running"; begun runs "$running"; } | tail -n 1)
	if [ -n "$brought" ]; then say brought "$brought"; fi
	# Only where the history may spare the whole way: whether the store still has it, and no deployment is left to be closed.
	case $brought in
	*'"evaluation":"'*)
		open=$(for other in /run/flurry/*/; do if [ -e "$other/state" ] && [ ! -e "$other/end" ]; then echo "$other"; fi; done)
		if [ -z "$open" ] && [ ! -e /var/lib/flurry/pending.json ] && nix-store --check-validity "$running" >/dev/null 2>&1; then
			say whole "$running"
		fi
		;;
	esac
	if [ -n "$3" ]; then begun by "$3" | sed 's/^/ours /'; fi
	tail -n 40 "$history" | sed 's/^/history /'
fi
