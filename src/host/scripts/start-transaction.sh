# Starts the transaction's unit: $1 id, then NAME=VALUE pairs for its environment. Says who is there if it is taken.
id=$1
shift
dir=/run/flurry/$id
unit=flurry-activate.service
# Asked again, since the answer was lost: it has begun, or has ended and been cleared away.
if [ -e "$dir/state" ] || [ ! -e "$dir/transaction.sh" ]; then exit 0; fi
shell=$(readlink -f "$(command -v sh)")
set -- "$@" "ID=$id" "PATH=$PATH" HOME=/root LC_ALL=C
for pair in "$@"; do
	set -- "$@" "--setenv=$pair"
	shift
done
# Whatever ends the transaction starts the way back, which is a unit of its own and finds out what is to be done; where
# somebody has stopped that too, it is made anew.
start() {
	systemd-run --quiet --collect --no-ask-password --unit="$unit" --service-type=exec \
		--description="flurry deployment $id" \
		--property=StandardOutput=journal --property=StandardError=journal --property=SyslogIdentifier="flurry-$id" \
		--property=LogRateLimitIntervalSec=1s --property=LogRateLimitBurst=4000000000 --property=OOMPolicy=continue --property=OOMScoreAdjust=-900 \
		--property=DefaultDependencies=no --property=IgnoreOnIsolate=yes \
		--property=Before=shutdown.target --property=Conflicts=shutdown.target --property=TimeoutStopSec=10 \
		--property=ExecStopPost="-$(readlink -f "$(command -v systemctl)") start --no-block flurry-rollback-$id.service" \
		--property=ExecStopPost="-$shell $dir/stopped.sh" "$@" -- "$shell" "$dir/transaction.sh"
}

# Who holds the host: the transaction of the folder $other.
tell_holder() {
	echo "taken ${other##*/}"
	echo "owner $(cat "$other/owner" 2>/dev/null)"
	echo "since $(cat "$other/since" 2>/dev/null)"
	echo "state $(cat "$other/state" 2>/dev/null)"
}

# One that is on its way back has left the name, and would be met by our unit only once that is started. Told here, it
# can be waited for.
for other in /run/flurry/*/; do
	other=${other%/}
	moments=0
	while [ -e "$other/state" ] && [ ! -e "$other/end" ] && systemctl is-active --quiet "flurry-rollback-${other##*/}.timer"; do
		moments=$((moments + 1))
		# One that is about to end is worth a moment.
		if [ "$moments" -ge 30 ] || unit_works "$unit"; then
			tell_holder
			exit 0
		fi
		sleep 0.1
	done
done

# A transaction that has just ended holds the name a moment longer.
moments=0
until start "$@" 2>"$dir/start.log"; do
	moments=$((moments + 1))
	case $(systemctl is-active "$unit") in
	active | activating | reloading) moments=10 ;;
	# Left by somebody: ours are removed with their end, and one that has failed locks nothing.
	failed) systemctl reset-failed "$unit" ;;
	esac
	if [ "$moments" -ge 10 ]; then break; fi
	sleep 0.3
done
if [ "$moments" -lt 10 ]; then exit 0; fi
if [ "$(systemctl show --property=Description --value "$unit")" = "flurry deployment $id" ]; then exit 0; fi
cat "$dir/start.log" >&2
# The name is half of the lock. A mask looks the same to systemd-run.
case $(systemctl show --property=LoadState --value "$unit") in
masked) echo 'taken masked' ;;
*)
	for other in /run/flurry/*/; do
		other=${other%/}
		if [ -e "$other/state" ] && [ ! -e "$other/end" ]; then
			tell_holder
			exit 0
		fi
	done
	if unit_works "$unit"; then echo 'taken unknown'; else exit 1; fi
	;;
esac
