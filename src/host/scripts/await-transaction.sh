# Waits until the transaction $1 has left every one of the states named after the mark $2, then prints where it stands
# and, once it has ended, how: from its folder, or, where that is gone, from the history.
id=$1 mark=$2
shift 2
dir=/run/flurry/$id
looks=0
while [ ! -e "$dir/end" ]; do
	state=
	read -r state 2>/dev/null <"$dir/state"
	inside=no
	for word in "$@"; do if [ "$word" = "$state" ]; then inside=yes; fi; done
	[ -z "$state" ] || [ "$inside" = yes ] || break
	looks=$((looks + 1))
	# Between the transaction's end and the way back there is a moment in which neither unit works.
	if [ "$looks" -ge 30 ] && [ $((looks % 20)) = 0 ] && ! anybody_works && ! goes_down; then break; fi
	say_alive
	look_later "$looks"
done
# While all goes well these states print nothing that would be waited for.
case $*,$state,$([ -e "$dir/end" ] && echo end) in
verifying,waiting, | waiting,promoting,) ;;
*)
	mark_log "$mark"
	echo 'marked yes'
	;;
esac
# Not by the name that the lines of an end have for a state of their own.
echo "standing $(cat "$dir/state" 2>/dev/null)"
if [ -e "$dir/end" ]; then
	cat "$dir/end"
elif ended=$(grep "^{\"event\":\"ended\",\"id\":\"$id\"" /var/lib/flurry/history.jsonl 2>/dev/null); then
	printf 'history %s\n' "$ended" | tail -n 1
elif anybody_works || goes_down; then
	:
elif grep -q "^{\"event\":\"begun\",\"id\":\"$id\"" /var/lib/flurry/history.jsonl 2>/dev/null; then
	echo 'gone yes'
else
	# That line is on disk before the first change.
	printf 'verdict failed\ncode transaction-died\n'
fi
if [ -e "$dir/deadline" ]; then echo "seconds-left $(($(cat "$dir/deadline") - $(cut -d . -f 1 /proc/uptime)))"; fi
echo "boot-id $(cat /proc/sys/kernel/random/boot_id)"
echo "running $(readlink -f /run/current-system)"
echo "profile $(readlink -f /nix/var/nix/profiles/system)"
echo "boot-default $(boot_default)"
