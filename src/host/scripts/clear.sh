# Removes what the ended deployment $1 left. Its unit writes the end before it has ended itself, and its end starts the
# rollback unit: that must still find its script, so the unit is waited for. Another deployment may hold the name by then.
moments=0
while [ "$moments" -lt 250 ]; do
	case $(systemctl is-active flurry-activate.service 2>/dev/null) in
	active | activating | deactivating | reloading) ;;
	*) break ;;
	esac
	moments=$((moments + 1))
	sleep 0.02
done
moments=0
while [ "$moments" -lt 250 ]; do
	case $(systemctl is-active "flurry-rollback-$1.service" 2>/dev/null) in
	active | activating | deactivating | reloading) ;;
	*) break ;;
	esac
	moments=$((moments + 1))
	sleep 0.02
done
# A verdict for which the history had no room yet is in the folder alone: the rollback unit writes it, and clears up then.
if [ -e "/run/flurry/$1/begun" ] && ! grep -q "^{\"event\":\"ended\",\"id\":\"$1\"" /var/lib/flurry/history.jsonl; then exit 0; fi
clear_deployment "$1"
