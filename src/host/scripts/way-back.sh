# The units of the way back. Their settings lie in the deployment's folder: whoever finds that nobody is left to put the
# host back makes the units anew from there.
write_settings() {
	for name in PATH HOME LC_ALL ID NEW RUNS INSTALL_BOOTLOADER OLD OLD_PROFILE OLD_GENERATION OLD_BOOT_DEFAULT GOAL TRIAL SETTLE ROLLBACK_LIMIT \
		LOADER_LIMIT LOCK_LIMIT HOLD_WINDOW IF_ROLLBACK_FAILS; do
		eval "printf '%s=%s\\n' $name \"\$$name\"" || return 1
	done >"$dir/settings.new" && mv -f "$dir/settings.new" "$dir/settings"
}

# start_way_back ID SECONDS: the timer starts the service first so many seconds after systemd's own start, then every ten
# seconds until the end. --on-active would start anew at every daemon-reload, while --on-startup is fixed.
start_way_back() {
	way=$1
	shell=$(readlink -f "$(command -v sh)")
	limit=300
	set -- --on-startup="$2"
	while IFS= read -r setting; do
		set -- "$@" "--setenv=$setting"
		case $setting in
		ROLLBACK_LIMIT=* | LOADER_LIMIT=*) limit=$((limit + 2 * ${setting#*=})) ;;
		LOCK_LIMIT=* | HOLD_WINDOW=*) limit=$((limit + ${setting#*=})) ;;
		esac
	done <"/run/flurry/$way/settings"
	systemd-run --quiet --collect --no-ask-password --unit="flurry-rollback-$way" --service-type=oneshot \
		--description="flurry deployment $way: the way back" \
		--on-unit-inactive=10 --timer-property=AccuracySec=100ms \
		--timer-property=DefaultDependencies=no --timer-property=IgnoreOnIsolate=yes \
		--timer-property=Before=shutdown.target --timer-property=Conflicts=shutdown.target \
		--property=DefaultDependencies=no --property=IgnoreOnIsolate=yes \
		--property=Before=shutdown.target --property=Conflicts=shutdown.target \
		--property=TimeoutStartSec="$limit" --property=Restart=on-failure --property=RestartSec=1 \
		--property=OOMPolicy=continue --property=OOMScoreAdjust=-900 \
		--property=StandardOutput=journal --property=StandardError=journal \
		--property=SyslogIdentifier="flurry-$way" --property=LogRateLimitIntervalSec=1s --property=LogRateLimitBurst=4000000000 \
		"$@" -- "$shell" "/run/flurry/$way/rollback.sh"
}

# restart_way_back ID: makes the units anew where somebody stopped or killed them with all the others.
restart_way_back() {
	if [ -e "/run/flurry/$1/end" ] || [ ! -e "/run/flurry/$1/settings" ]; then return; fi
	if unit_works "flurry-rollback-$1.service" || unit_works "flurry-rollback-$1.timer"; then return; fi
	start_way_back "$1" 1
}

# restart_ways_back: of every deployment that was begun and whose units were all stopped by a hand.
restart_ways_back() (
	if unit_works flurry-activate.service; then exit; fi
	for dir in /run/flurry/*/; do
		id=$(basename "$dir")
		if [ -e "$dir/begun" ]; then restart_way_back "$id"; fi
	done
)
