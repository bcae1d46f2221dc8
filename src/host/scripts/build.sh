# The build unit: builds the toplevel and writes how it ended to build.end. $1 the deployment's folder, then arguments.
dir=$1
shift
umask 022
cd /
# The link is a garbage collection root for as long as the folder is there; nothing else holds the toplevel yet.
nix --extra-experimental-features 'nix-command flakes' build --out-link "$dir/toplevel" --print-build-logs "$@"
code=$?
group=$(sed -n 's/^0:://p' /proc/self/cgroup | head -n 1)
kills=$(sed -n 's/^oom_kill //p' "/sys/fs/cgroup$group/memory.events" 2>/dev/null)
{
	echo "exit $code"
	echo "oom-kills ${kills:-unknown}"
	if [ "$code" = 0 ]; then echo "toplevel $(readlink -f "$dir/toplevel")"; fi
} >"$dir/build.end.new" && mv -f "$dir/build.end.new" "$dir/build.end"
exit "$code"
