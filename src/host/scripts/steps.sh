# What the transaction and the rollback both do to a host. Their units' environment tells: ID, NEW and OLD (toplevels),
# RUNS (what is to run of NEW: itself, or a specialisation of it), INSTALL_BOOTLOADER (0 or 1), OLD_PROFILE (toplevel) and OLD_GENERATION (number or empty), GOAL, TRIAL (yes or no), OWNER, limits in seconds, IF_ROLLBACK_FAILS.
umask 022
cd /
id=$ID
dir=/run/flurry/$id
profile=/nix/var/nix/profiles/system
shell=$(readlink -f "$(command -v sh)")
RUNS=${RUNS:-$NEW}
INSTALL_BOOTLOADER=${INSTALL_BOOTLOADER:-0}

# finish VERDICT [LINE...]: the one way in which a transaction ends: history, the file that readers wait for, the state.
# The folder stays a little longer for whoever watches; the rollback unit's timer removes it.
finish() {
	if [ -e "$dir/begun" ] && ! has_ended; then write_ended "$@" || echo "the history could not be written"; fi
	if intent_is_ours; then remove_intent; fi
	# By one write, whose failure counts: on a full /run an end without its verdict would be read as one.
	said="verdict $1"
	shift
	said=$(printf '%s\n' "$said" "$@" | sed '/^$/d')
	printf '%s\n' "$said" >"$dir/end.new" && mv -f "$dir/end.new" "$dir/end"
	uptime_seconds >"$dir/ended-at"
	set_state ended
	if ! systemctl is-active --quiet "flurry-rollback-$id.timer"; then tidy_later; fi
	exit 0
}

# Where the rollback unit was never armed, somebody else has to clear up behind a coordinator that is gone.
tidy_later() {
	systemd-run --quiet --collect --no-ask-password --unit="flurry-tidy-$id" --on-active=10 \
		--setenv=PATH="$PATH" --setenv=ID="$id" -- "$shell" "$dir/tidy.sh" 2>/dev/null
}

# switch_to NAME TOPLEVEL ACTION LIMIT [checked|unchecked [INSTALL_BOOTLOADER]]: runs the toplevel's switch-to-configuration in a unit of its own and
# sets `code` to its exit code, `timeout`, `locked` or `unstarted`. A lock held by somebody is waited for, within LOCK_LIMIT.
switch_to() {
	name=flurry-$1-$id.service
	patience=$(($(uptime_seconds) + LOCK_LIMIT))
	while :; do
		rm -f "$dir/$1.exit"
		if ! start_switch "$@"; then
			await_systemd
			if ! unit_works "$name" && ! [ -e "$dir/$1.exit" ] && ! start_switch "$@"; then
				code=unstarted
				break
			fi
		fi
		code=timeout
		if await_file "$dir/$1.exit" "$name" "$(($4 + 30))" >/dev/null; then code=$(cat "$dir/$1.exit"); fi
		[ "$code" = 11 ] || break
		code=locked
		if [ "$(uptime_seconds)" -ge "$patience" ]; then
			tell_lock_holders
			break
		fi
		echo "another program is switching this host; waiting for its lock"
		sleep 1
	done
}

# Whoever keeps the lock of switch-to-configuration open, and with it what belongs to it.
tell_lock_holders() {
	find /proc/[0-9]*/fd -lname /run/nixos/switch-to-configuration.lock 2>/dev/null | cut -d / -f 3 | sort -u | while read -r pid; do
		echo "the lock is held by process $pid ($(tr '\000' ' ' <"/proc/$pid/cmdline")) of $(sed -n 's/^0:://p' "/proc/$pid/cgroup")"
	done
}

start_switch() {
	start_unit "$name" "$4" -- "$shell" "$dir/switch.sh" "$dir/$1.exit" "$2" "$3" "${5:-checked}" "${6:-0}"
}

# go_forward: promotes, or, where the new system is to be tried first, has it booted once.
go_forward() {
	if [ "$TRIAL" = yes ]; then stage_trial; else promote; fi
}

# promote: intent, profile, boot loader, each synced before the next and read back. Ends the transaction, or returns
# with `trouble` set to lines that say what went wrong. May be begun again after it was cut off anywhere.
promote() {
	begin_promotion || return
	if ! nix-env --profile "$profile" --set "$NEW"; then trouble='step profile'; return; fi
	sync -f /nix/var/nix/profiles
	switch_to boot "$NEW" boot "$LOADER_LIMIT" checked "$INSTALL_BOOTLOADER"
	if [ "$code" != 0 ]; then trouble="step bootloader"; return; fi
	sync_boot
	if [ "$(readlink -f "$profile")" != "$NEW" ]; then trouble='step profile'; return; fi
	default=$(boot_default)
	case $default in
	"unknown -" | *" $NEW") ;;
	*) trouble='step boot-entry'; return ;;
	esac
	# Left by a trial that no reboot came to: that system would boot before this one.
	if ! boot_no_once; then trouble='step boot-once'; return; fi
	if [ "$GOAL" = boot ] && [ "$(readlink -f /run/current-system)" != "$NEW" ]; then finish staged; fi
	finish promoted "$(warned_units)"
}

# stage_trial: gives the new system a generation, and with it a boot entry, and has that booted once. It is not made the
# default at any moment: while the profile points to it, no boot loader is written. Else as promote.
stage_trial() {
	begin_promotion || return
	if ! nix-env --profile "$profile" --set "$NEW"; then trouble='step profile'; return; fi
	if ! nix-env --profile "$profile" --switch-generation "$OLD_GENERATION"; then trouble='step profile'; return; fi
	sync -f /nix/var/nix/profiles
	if [ "$(readlink -f "$profile")" != "$OLD_PROFILE" ]; then trouble='step profile'; return; fi
	# Entries are made of all generations; the default is the system whose program it is.
	switch_to trial "$OLD_PROFILE" boot "$LOADER_LIMIT" unchecked
	if [ "$code" != 0 ]; then trouble="step bootloader"; return; fi
	sync_boot
	default=$(boot_default)
	case $default in
	*" $OLD_BOOT_DEFAULT") ;;
	*) trouble='step boot-entry'; return ;;
	esac
	if ! boot_once "$NEW" || [ "$(boots_once)" != "$NEW" ]; then trouble='step boot-once'; return; fi
	sync_boot
	# Read back last: whoever set it meanwhile does not want this system to be booted.
	if [ "$(readlink -f "$profile")" != "$OLD_PROFILE" ]; then trouble='step profile'; return; fi
	if [ "$GOAL" = boot ]; then finish staged 'boots-once yes'; fi
	finish tested 'boots-once yes' "$(warned_units)"
}

# begin_promotion: the intent, on disk before the first change. Fails with `trouble` set.
begin_promotion() {
	trouble=
	now=$(readlink -f "$profile")
	if [ "$now" != "$OLD_PROFILE" ] && [ "$now" != "$NEW" ]; then leave_to_others "$OLD_PROFILE" "$now"; fi
	if [ "$GOAL" != boot ] && [ ! -e /run/current-system ]; then ln -sfn "$RUNS" /run/current-system; fi
	now=$(readlink -f /run/current-system)
	if [ "$GOAL" != boot ] && [ "$now" != "$RUNS" ]; then
		# A way back that was cut off, and had no room to say that it had begun.
		if [ "$now" = "$OLD" ]; then trouble='step running'; return 1; fi
		leave_to_others "$RUNS" "$now"
	fi
	write_intent && return
	rm -f "$records/pending.new"
	trouble='step intent'
	return 1
}

# leave_to_others EXPECTED FOUND: somebody else has changed the host, and what they made of it stays. A trial is ours to
# take back: it would boot before what they chose.
leave_to_others() {
	if [ "$TRIAL" = yes ] && [ "$(boots_once)" = "$NEW" ]; then boot_no_once; fi
	finish in-doubt 'code changed-by-someone-else' "expected $1" "found $2"
}

# warned_units: what failed under the new system and was let pass, as lines for the end.
warned_units() {
	sed 's/^unit /warned-unit /' "$dir/warned" 2>/dev/null
}

# The EFI system partition may be below /boot or beside it, and is a file system of its own.
sync_boot() {
	for place in /boot /boot/efi /efi; do
		if [ -d "$place" ]; then sync -f "$place"; fi
	done
}

# undo_promotion: the boot entry first, then the profile: cut off in between, the host boots the old system, and the
# intent tells whoever comes next to put the profile back. Generations are never deleted, so it goes back by number.
# Sets `restored` to yes or no, by what is there afterwards.
undo_promotion() {
	now=$(readlink -f "$profile")
	if [ "$now" != "$OLD_PROFILE" ] && [ "$now" != "$NEW" ]; then leave_to_others "$OLD_PROFILE" "$now"; fi
	if [ "$TRIAL" = yes ]; then boot_no_once; fi
	# Deleted by somebody meanwhile: what is in no generation gets no boot entry.
	if [ "$(readlink -f "$profile-$OLD_GENERATION-link")" != "$OLD_PROFILE" ]; then
		nix-env --profile "$profile" --set "$OLD_PROFILE"
	fi
	# One that was installed anew is of the new system.
	switch_to old-boot "$OLD_PROFILE" boot "$LOADER_LIMIT" unchecked "$INSTALL_BOOTLOADER"
	sync_boot
	if [ "$(readlink -f "$profile")" != "$OLD_PROFILE" ]; then
		nix-env --profile "$profile" --switch-generation "$OLD_GENERATION"
	fi
	sync -f /nix/var/nix/profiles
	restored=no
	default=$(boot_default)
	case $default in
	# Of a loader that cannot be read, the word of its program is all there is.
	"unknown -") if [ "$code" = 0 ] && [ "$(readlink -f "$profile")" = "$OLD_PROFILE" ]; then restored=yes; fi ;;
	*" $OLD_BOOT_DEFAULT") if [ "$(readlink -f "$profile")" = "$OLD_PROFILE" ]; then restored=yes; fi ;;
	esac
	if [ "$TRIAL" = yes ] && [ "$(boots_once)" = "$NEW" ]; then restored=no; fi
	if [ "$restored" = yes ]; then rm -f "$dir/unrestored"; else : >"$dir/unrestored"; fi
}

# Units that run now and should run after a way back; sessions come and go with people, and ours are ours. Nor is it
# about what ends by itself and cannot be started again: transient units, which no activation touches, and the service of
# one connection (Accept=yes, as of sshd with startWhenNeeded).
active_units() {
	units=$(systemctl list-units --full --plain --no-legend --no-pager --state=active \
		--type=service,socket,timer,path,mount,swap,target) || return 1
	units=$(printf '%s\n' "$units" |
		cut -d ' ' -f 1 | grep -v -e '^flurry-' -e '^session-' -e '^user@' -e '^user-runtime-dir@' -e '^run-user-' \
			-e '^systemd-.*-clean' -e '^emergency' -e '^rescue')
	instances=$(printf '%s\n' "$units" | grep '@.*[.]service$')
	# To ask systemd for each of all units takes some milliseconds a unit.
	set -f
	# shellcheck disable=SC2086 # names of units hold no blanks
	of_sockets=$(if [ -n "$instances" ]; then systemctl show --property=Id,StandardInput -- $instances; fi | awk -F '\n' '
		BEGIN { RS = "" }
		/(^|\n)StandardInput=socket(\n|$)/ { for (i = 1; i <= NF; i++) if (sub(/^Id=/, "", $i)) print $i }')
	set +f
	printf '%s\n' "$units" | grep -vxF -e "$of_sockets" | while read -r unit; do
		# Where systemd keeps the files of transient units.
		if [ ! -e "/run/systemd/transient/$unit" ]; then printf '%s\n' "$unit"; fi
	done
}
