# Starts the transaction's unit: $1 id, then NAME=VALUE pairs for its environment. Says who is there if it is taken.
id=$1
shift
dir=/run/flurry/$id
if unit_works flurry-activate.service; then
	echo "taken $(systemctl show --property=Description --value flurry-activate.service)"
	exit 0
fi
for pair in "$@"; do
	set -- "$@" "--setenv=$pair"
	shift
done
systemd-run --quiet --collect --no-ask-password --unit=flurry-activate.service --service-type=exec \
	--description="flurry deployment $id" \
	--property=StandardOutput=journal --property=StandardError=journal --property=SyslogIdentifier="flurry-$id" \
	--property=LogRateLimitIntervalSec=0 --property=OOMPolicy=continue --property=OOMScoreAdjust=-900 \
	--setenv=ID="$id" --setenv=PATH="$PATH" --setenv=HOME=/root --setenv=LC_ALL=C "$@" \
	-- "$(readlink -f "$(command -v sh)")" "$dir/transaction.sh" && echo started
