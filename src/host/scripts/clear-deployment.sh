# clear_deployment: removes the deployment's folder, its garbage collection roots and its timer.
clear_deployment() {
	for root in old toplevel; do
		for link in /nix/var/nix/gcroots/auto/*; do
			if [ "$(readlink "$link")" = "/run/flurry/$id/$root" ]; then rm -f "$link"; fi
		done
	done
	rm -rf "/run/flurry/$id"
	rmdir /run/flurry 2>/dev/null
	systemctl stop --no-block "flurry-rollback-$id.timer" 2>/dev/null || true
}
