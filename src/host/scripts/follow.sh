# Follows what the units of deployment $1 print, as journal JSON, from the cursor $2 or (empty) from the beginning. Of
# every boot: a deployment may go on behind a reboot. --follow alone is of the present boot (systemd 257); --merge is of
# all, and of other machines whose journals are collected here, which may have a part in the same deployment.
if [ -n "$2" ]; then set -- "$1" --after-cursor="$2"; else set -- "$1" --lines=all; fi
exec journalctl --follow --merge --no-pager --output=json --output-fields=MESSAGE,_SYSTEMD_UNIT "$2" \
	SYSLOG_IDENTIFIER="flurry-$1" _MACHINE_ID="$(cat /etc/machine-id)"
