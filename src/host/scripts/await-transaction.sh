# Waits until the transaction $1 has left every one of the states named after the mark $2, then prints where it stands
# and, once it has ended, how.
id=$1 mark=$2
shift 2
dir=/run/flurry/$id
unit=flurry-activate.service
ticks=0
while [ ! -e "$dir/end" ]; do
	state=$(cat "$dir/state" 2>/dev/null)
	inside=no
	for word in "$@"; do if [ "$word" = "$state" ]; then inside=yes; fi; done
	[ -z "$state" ] || [ "$inside" = yes ] || break
	ticks=$((ticks + 1))
	if [ $((ticks % 10)) = 0 ] && ! unit_works "$unit"; then break; fi
	if [ $((ticks % 50)) = 0 ]; then echo; fi
	sleep 0.1
done
mark_log "$mark"
echo "state $(cat "$dir/state" 2>/dev/null)"
if [ -e "$dir/end" ]; then
	cat "$dir/end"
elif ! unit_works "$unit"; then
	echo 'gone yes'
fi
echo "running $(readlink -f /run/current-system)"
echo "profile $(readlink -f /nix/var/nix/profiles/system)"
echo "boot-default $(boot_default)"
