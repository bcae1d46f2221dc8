# The unit around switch-to-configuration: runs it and writes its exit code.
# $1 file for the exit code, $2 toplevel, $3 action, $4 `unchecked` to skip its pre-switch checks, $5 1 to install the boot
# loader anew.
if [ "$4" = unchecked ]; then
	NIXOS_NO_CHECK=1
	export NIXOS_NO_CHECK
fi
NIXOS_INSTALL_BOOTLOADER=$5 "$2/bin/switch-to-configuration" "$3" </dev/null
code=$?
printf '%s\n' "$code" >"$1.new" && mv -f "$1.new" "$1"
exit "$code"
