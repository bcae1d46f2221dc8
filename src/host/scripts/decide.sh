# Decides what deployment $1 waits for, by renaming its token: only one rename of it can succeed, ever. $2 and $3 are the
# boot and the machine that the word is meant for: behind an address may stand another machine. $4 is the word; behind
# `aborted` may stand lines that say why, which the host keeps.
id=$1 word=$4 won=
dir=/run/flurry/$id
if [ "$2" != "$(cat /proc/sys/kernel/random/boot_id)" ] || [ "$3" != "$(cat /etc/machine-id)" ]; then
	echo 'decided elsewhere'
	exit 0
fi
case $word in
confirmed) won=$(mv -T "$dir/waiting" "$dir/confirmed" 2>/dev/null && echo yes) ;;
aborted | dismissed)
	# On a full /run nothing is known of why.
	if [ -n "$5" ] && [ -e "$dir/waiting" ]; then
		{ printf '%s\n' "$5" >"$dir/abort-why.new" && mv -f "$dir/abort-why.new" "$dir/abort-why"; } 2>/dev/null
	fi
	# Before it waits, at its gate or to be confirmed, the wish is kept until it does.
	if [ -d "$dir" ]; then : >"$dir/abort-wanted"; fi
	won=$({ mv -T "$dir/gate-waiting" "$dir/$word" || mv -T "$dir/waiting" "$dir/aborted"; } 2>/dev/null && echo yes)
	;;
released) won=$(mv -T "$dir/gate-waiting" "$dir/released" 2>/dev/null && echo yes) ;;
held) won=$(mv -T "$dir/unheld" "$dir/held" 2>/dev/null && echo yes) ;;
extended)
	# A wish: the transaction itself moves its deadline, up to its cap.
	if [ -e "$dir/waiting" ] || [ -e "$dir/gate-waiting" ]; then printf '%s\n' "$5" >"$dir/extend.new" && mv -f "$dir/extend.new" "$dir/extend"; fi
	;;
esac
# What was decided at the gate is no answer to a word that is said to a system which was tested.
case $word in
released | dismissed) ours='released dismissed gate-expired' ;;
*) ours= ;;
esac
for decided in confirmed aborted expired held rebooting $ours; do
	if [ -e "$dir/$decided" ]; then echo "decided $decided"; fi
done
echo "won ${won:-no}"
echo "state $(cat "$dir/state" 2>/dev/null)"
