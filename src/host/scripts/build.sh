# The build unit: builds the toplevel and writes how it ended to build.end. $1 the deployment's folder, then arguments.
dir=$1
shift
umask 022
cd /
killed_by_kernel() { sed -n 's/^oom_kill //p' /proc/vmstat 2>/dev/null; }
before=$(killed_by_kernel)
# The link is a garbage collection root for as long as the folder is there; nothing else holds the toplevel yet.
nix --extra-experimental-features 'nix-command flakes' build --out-link "$dir/toplevel" --print-build-logs "$@"
code=$?
# Whether the configuration can be evaluated from what is here: if not, an input may be missing that nothing here can
# fetch. The installable is the last argument.
evaluated=yes
if [ "$code" = 1 ]; then
	left=$#
	while [ "$left" -gt 1 ]; do
		set -- "$@" "$1"
		shift
		left=$((left - 1))
	done
	installable=$1
	shift
	nix --extra-experimental-features 'nix-command flakes' eval --offline --raw \
		--option allow-import-from-derivation false "$@" "$installable.drvPath" >/dev/null 2>&1 </dev/null || evaluated=no
fi
group=$(sed -n 's/^0:://p' /proc/self/cgroup | head -n 1)
kills=$(sed -n 's/^oom_kill //p' "/sys/fs/cgroup$group/memory.events" 2>/dev/null)
{
	echo "exit $code"
	echo "evaluated $evaluated"
	echo "oom-kills ${kills:-unknown}"
	# A kernel that does not count for our unit counts for the machine.
	if [ -z "$kills" ] && [ -n "$before" ]; then echo "machine-oom-kills $(($(killed_by_kernel) - before))"; fi
	if [ "$code" = 0 ]; then echo "toplevel $(readlink -f "$dir/toplevel")"; fi
} >"$dir/build.end.new" && mv -f "$dir/build.end.new" "$dir/build.end"
exit "$code"
