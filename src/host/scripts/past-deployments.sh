# The end of the host's history, and the generations that it has, as lines "KEY VALUE". Changes nothing. $1: how many lines.
# $2: by what root is reached.
say_login "$2"
say boot-id "$(cat /proc/sys/kernel/random/boot_id)"
say now "$(date -u +%Y-%m-%dT%H:%M:%SZ)"
history=/var/lib/flurry/history.jsonl
if [ -r "$history" ]; then
	tail -n "$1" "$history" | sed 's/^/history /'
elif [ "$(id -u)" != 0 ] && [ -e /var/lib/flurry ]; then
	echo 'unreadable history'
fi
generations | sed 's/^/generation /'
