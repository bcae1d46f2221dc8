# Which transaction is under way here, if any: its id, owner and state, and whether a unit will bring it to an end.
for other in /run/flurry/*/; do
	other=${other%/}
	if [ -e "$other/state" ] && [ ! -e "$other/end" ]; then
		id=${other##*/}
		echo "id $id"
		echo "owner $(cat "$other/owner" 2>/dev/null)"
		echo "since $(cat "$other/since" 2>/dev/null)"
		echo "state $(cat "$other/state" 2>/dev/null)"
		if anybody_works; then echo 'at-work yes'; fi
	fi
done
echo "boot-id $(cat /proc/sys/kernel/random/boot_id)"
echo "machine-id $(cat /etc/machine-id)"
