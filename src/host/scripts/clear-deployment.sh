# clear_deployment ID: removes a deployment's folder, its garbage collection roots and its timer.
clear_deployment() {
	# First, or it would start again and again what is not there any more. While systemd is executed anew it does not hear.
	tries=0
	until systemctl show --property=Version >/dev/null 2>&1 || [ "$tries" -ge 60 ]; do
		tries=$((tries + 1))
		sleep 0.5
	done
	systemctl stop --no-block "flurry-rollback-$1.timer" "flurry-tidy-$1.timer" 2>/dev/null
	find /nix/var/nix/gcroots/auto -lname "/run/flurry/$1/*" -exec rm -f {} +
	rm -rf "/run/flurry/$1"
	rmdir /run/flurry 2>/dev/null || true
}
