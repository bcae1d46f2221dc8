# Which transaction is under way here, if any: its id, owner and state.
for other in /run/flurry/*/; do
	other=${other%/}
	if [ -e "$other/state" ] && [ ! -e "$other/end" ]; then
		echo "id ${other##*/}"
		echo "owner $(cat "$other/owner" 2>/dev/null)"
		echo "since $(cat "$other/since" 2>/dev/null)"
		echo "state $(cat "$other/state" 2>/dev/null)"
	fi
done
echo "boot-id $(cat /proc/sys/kernel/random/boot_id)"
echo "machine-id $(cat /etc/machine-id)"
