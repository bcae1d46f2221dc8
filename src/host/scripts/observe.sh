# One look at the host: all that is judged before anything is copied, as lines "KEY VALUE". Changes nothing.
# $1: seconds to wait for a host that is still starting. $2: by what root is reached. Without root a part of it stays unseen.
# $3: who looks, as their deployments name them, or empty.
say_login "$2"

# Nix takes its time to start, while the rest is looked at. Whoever runs beside prints its line by one write.
say nix-version "$(nix --version 2>/dev/null | sed -n '1s/.* //p')" &

manager=$(systemctl show --property=Version --property=SystemState 2>/dev/null)
state=$(printf '%s\n' "$manager" | sed -n 's/^SystemState=//p')
[ -n "$state" ] || state=$(systemctl is-system-running 2>/dev/null)
case $state in
initializing | starting)
	say waiting "still $state"
	state=$(timeout "$1" systemctl is-system-running --wait 2>/dev/null)
	[ -n "$state" ] || state=$(systemctl is-system-running 2>/dev/null)
	;;
esac
# Where the system that runs came from may be long ago, and so may the last deployment of whoever looks. A record of its
# own goes before one of a system whose specialisation ran.
history=/var/lib/flurry/history.jsonl
running=$(readlink -f /run/current-system)
found=
if [ -r "$history" ]; then
	found=$(RUNNING=$running OURS=$3 awk '
		index($0, "{\"event\":\"begun\"") == 1 {
			if (index($0, "\"new\":\"" ENVIRON["RUNNING"] "\"")) parent = $0
			if (index($0, "\"runs\":\"" ENVIRON["RUNNING"] "\"")) own = $0
			if (ENVIRON["OURS"] != "" && index($0, "\"by\":\"" ENVIRON["OURS"] "\"")) ours = $0
		}
		END {
			if (own == "") own = parent
			if (own != "") print "brought " own
			if (ours != "") print "ours " ours
		}' "$history")
	if [ -n "$found" ]; then printf '%s\n' "$found"; fi
fi
# Only where the history may spare the whole way: whether the store still has it, and no deployment is left to be closed.
say_whole() {
	for other in /run/flurry/*/; do
		if [ -e "$other/state" ] && [ ! -e "$other/end" ]; then return; fi
	done
	if [ ! -e /var/lib/flurry/pending.json ] && nix-store --check-validity "$running" >/dev/null 2>&1; then
		say whole "$running"
	fi
}
case ${found%%"$line_feed"*} in
'brought '*'"evaluation":"'*) say_whole & ;;
esac

say system-state "$state"
say systemd-version "$(printf '%s\n' "$manager" | sed -n 's/^Version=\([0-9]*\).*/\1/p')"
say_failed_units

say_file hostname /proc/sys/kernel/hostname
say_file machine-id /etc/machine-id
say_file boot-id /proc/sys/kernel/random/boot_id
kernel=$(uname -rm)
say machine "${kernel##* }"
say kernel "${kernel% *}"
say memory-kib "$(sed -n 's/^MemTotal:[[:space:]]*\([0-9]*\) kB$/\1/p' /proc/meminfo)"
say_systems
say_boot_default "$(boot_default)"

space() {
	df -Pk "$1" 2>/dev/null | awk -v at="$1" -v only="$2" 'NR == 2 && (only == "" || $6 == only) { print $4, $2 }'
}
say nix-space-kib "$(space /nix/store '')"
say boot-space-kib "$(space /boot /boot)"
say kernel-bytes "$(wc -c /run/current-system/kernel /run/current-system/initrd 2>/dev/null | awk 'END { print $1 }')"

# Who is switching the system now, other than a deployment of ours, whose transaction tells more of itself later.
at_work=$(systemctl is-active nixos-rebuild-switch-to-configuration.service flurry-activate.service 2>/dev/null | tr '\n' ' ')
case $at_work in
active\ * | reloading\ *) say switching nixos-rebuild-switch-to-configuration.service ;;
esac
lock=/run/nixos/switch-to-configuration.lock
if [ "$at_work" != "${at_work% active }" ] || [ "$at_work" != "${at_work% reloading }" ]; then
	say deployment under-way
elif [ "$(id -u)" = 0 ] && [ -e "$lock" ] && command -v flock >/dev/null 2>&1; then
	flock -n "$lock" true || say switching "a program that holds $lock"
fi

wait
if [ -r "$history" ]; then
	tail -n 40 "$history" | sed 's/^/history /'
fi
