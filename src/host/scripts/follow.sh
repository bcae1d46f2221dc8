# Follows what the units of deployment $1 print, as journal JSON, from the cursor $2 or (empty) from the beginning. Of
# every boot: a deployment may go on behind a reboot.
if [ -n "$2" ]; then set -- "$1" --after-cursor="$2"; else set -- "$1" --lines=all; fi
exec journalctl --follow --no-pager --output=json --output-fields=MESSAGE,_SYSTEMD_UNIT "$2" SYSLOG_IDENTIFIER="flurry-$1"
