# clear_deployment ID: removes a deployment's folder, its garbage collection roots and its timer.
clear_deployment() {
	for root in old toplevel; do
		for link in /nix/var/nix/gcroots/auto/*; do
			if [ "$(readlink "$link")" = "/run/flurry/$1/$root" ]; then rm -f "$link"; fi
		done
	done
	rm -rf "/run/flurry/$1"
	rmdir /run/flurry 2>/dev/null
	systemctl stop --no-block "flurry-rollback-$1.timer" "flurry-tidy-$1.timer" 2>/dev/null || true
}
