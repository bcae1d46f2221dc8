# Tries health checks on this host, each when it is told to, side by side. $1 is said once all is ready; $2 names the units
# of ours; then for each check the number of its words, and the words. A line of standard input says what to try, `try ID
# CHECK SECONDS`, and is answered by one line, `tried ID …`, with a tab for each line break. With the end of the input all
# that still runs is ended: we lead a session of our own, and nobody else is in our process group.
mark=$1 tag=$2
shift 2
shell=$(readlink -f "$(command -v sh)")
cd /

main() {
	echo "$mark"
	while read -r word id check limit; do
		if [ "$word" = try ]; then answer "$id" "$check" "$limit" "$@" </dev/null & fi
		# What has ended is forgotten: dash keeps it until it is asked.
		jobs >/dev/null
	done
	if [ "$(id -u)" = 0 ]; then systemctl kill --signal=KILL "flurry-check-$tag-*" 2>/dev/null; fi
	kill -KILL 0
}

# answer ID CHECK SECONDS CHECKS...
answer() {
	id=$1 before=$2 limit=$3
	shift 3
	while [ "$before" -gt 0 ]; do
		shift "$(($1 + 1))"
		before=$((before - 1))
	done
	words=$1
	shift
	# Its own words, behind those of the others; these go.
	others=$(($# - words))
	while [ "$words" -gt 0 ]; do
		set -- "$@" "$1"
		shift
		words=$((words - 1))
	done
	shift "$others"
	kind=$1
	shift
	# shellcheck disable=SC2020 # each character by its own
	said=$("try_$kind" "$@" 2>&1 | tr -d '\000' | tr '\n\r\t' '\t\t ' | tail -c 3000)
	printf 'tried %s %s\n' "$id" "$said"
}

try_unit() {
	timeout --foreground "$limit" systemctl show --property=LoadState --property=ActiveState --property=SubState \
		--property=Result --property=NRestarts --property=InvocationID -- "$1"
}

# In a unit: whatever it leaves behind goes with it, and so nobody holds our pipe. The exit code is said past the pipe, by
# a shell of the unit's; `tail` says nothing before it has all. An output without end ends with the limit.
try_command() {
	# shellcheck disable=SC2016 # it is the unit's shell that reads it
	{
		systemd-run --quiet --collect --no-ask-password --pipe --wait --service-type=exec --unit="flurry-check-$tag-$id" \
			--description='a health check of flurry' --property=RuntimeMaxSec="$((${limit%.*} + 5))" \
			--property=KillSignal=SIGKILL --setenv=PATH="$PATH" --setenv=HOME=/root \
			-- "$shell" -c 'limit=$1; shift; timeout -k 1 "$limit" "$@" 2>&1; echo "exit $?" >&2' sh "$limit" "$@" 2>&3 |
			tail -c 2000
	} 3>&1
}

# try_http URL TLS BODY: what matters of the answer is said past the body, of which at most 1 MiB is read.
try_http() {
	command -v curl >/dev/null || {
		echo 'there is no program curl on the host'
		return
	}
	{
		if [ "$2" = unverified ]; then insecure=--insecure; else insecure=; fi
		curl -q --silent --show-error ${insecure:+"$insecure"} --globoff --noproxy '*' --proto '=http,https' --max-time "$limit" \
			--write-out '%{stderr}status %{http_code}\n' --url "$1" 2>&3 | head -c 1048576 |
			if [ -n "$3" ]; then grep -qaF -e "$3" && echo found >&3; else cat >/dev/null; fi
	} 3>&1
}

# try_tcp HOST PORT
try_tcp() {
	command -v bash >/dev/null || {
		echo 'there is no program bash on the host'
		return
	}
	# shellcheck disable=SC2016 # it is bash that reads it
	timeout --foreground "$limit" bash -c 'exec 3<>"/dev/tcp/$1/$2"' bash "$1" "$2"
	echo "exit $?"
}

main "$@"
