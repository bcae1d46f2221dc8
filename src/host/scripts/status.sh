# How the host stands: what it runs and boots, what is under way, and the end of its history, as lines "KEY VALUE". Changes
# nothing. $1: a deployment of which all that the history has is wanted, or empty. $2: by what root is reached. Without
# root a part of it stays unseen.
say_login "$2"
say_file boot-id /proc/sys/kernel/random/boot_id
say_file machine-id /etc/machine-id
say now "$(date -u +%Y-%m-%dT%H:%M:%SZ)"
say system-state "$(systemctl is-system-running 2>/dev/null)"
say_failed_units
say_systems
say generation "$(readlink /nix/var/nix/profiles/system | sed -n 's/^system-\([0-9]*\)-link$/\1/p')"
say_boot_default "$(boot_default)"
say boots-once "$(boots_once)"

# word_of FILE: what the file of the deployment's folder holds, as one word.
word_of() {
	word=$(tr -cd '[:graph:]' 2>/dev/null <"$dir/$1" | cut -c 1-100)
	echo "${word:--}"
}

# under-way KIND ID STATE WHETHER-A-UNIT-IS-AT-WORK SECONDS-LEFT SINCE OWNER; what is not known is a dash.
for dir in /run/flurry/*/; do
	dir=${dir%/}
	id=${dir##*/}
	if [ ! -d "$dir" ] || [ -e "$dir/end" ]; then continue; fi
	if [ -e "$dir/state" ]; then
		work=no
		if anybody_works; then work=yes; fi
		left=$(word_of deadline)
		case $left in
		- | *[!0-9]*) left=- ;;
		*) left=$((left - $(cut -d . -f 1 /proc/uptime))) ;;
		esac
		say under-way "transaction $id $(word_of state) $work $left $(word_of since) $(word_of owner)"
	elif unit_works "flurry-build-$id.service"; then
		say under-way "build $id building yes - $(word_of since) $(word_of owner)"
	fi
done

history=/var/lib/flurry/history.jsonl
if [ -r "$history" ]; then
	# What brought the system that runs may be long ago.
	running=$(readlink -f /run/current-system)
	grep '^{"event":"begun"' "$history" | grep -F -e "\"new\":\"$running\"" -e "\"runs\":\"$running\"" | tail -n 1 | sed 's/^/brought /'
	if [ -n "$1" ]; then grep -F "\"id\":\"$1\"" "$history" | sed 's/^/named /'; fi
	tail -n 40 "$history" | sed 's/^/history /'
fi
if [ -n "$1" ] && [ -d "/run/flurry/$1" ]; then
	if [ -e "/run/flurry/$1/state" ]; then echo 'named-folder transaction'; else echo 'named-folder build'; fi
fi
