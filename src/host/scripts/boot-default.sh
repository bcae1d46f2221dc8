# boot_default [COMMAND...]: prints "LOADER TOPLEVEL": what the boot loader starts unless told otherwise for one boot
# (boot-once.sh), read from its own files, or "unknown -". COMMAND (for example: sudo -n) goes before every program that
# reads below /boot, which is often root's.
#
# systemd-boot: loader.conf names the entry, an EFI variable overrides it (systemd-boot(7), The Boot Loader Interface).
# GRUB: NixOS' grub.cfg sets `default` to a number or a saved entry. extlinux: DEFAULT names a LABEL.
variables=/sys/firmware/efi/efivars
vendor=4a67b082-0a4c-41cf-b6c7-440b29bb8c4f

boot_default() {
	esp=$(efi_partition "$@")
	if [ -n "$esp" ]; then
		systemd_boot_default "$esp" "$@"
	elif "$@" test -e /boot/grub/grub.cfg; then
		grub_default "$@"
	elif "$@" test -e /boot/extlinux/extlinux.conf; then
		extlinux_default "$@"
	else
		echo 'unknown -'
	fi
}

# efi_partition [COMMAND...]: prints where systemd-boot's own files are; nothing where there are none.
efi_partition() {
	for place in /boot /efi /boot/efi; do
		if "$@" test -e "$place/loader/loader.conf"; then
			echo "$place"
			return
		fi
	done
}

systemd_boot_default() {
	esp=$1
	shift
	entry=$(efi_variable LoaderEntryDefault "$@")
	if [ -z "$entry" ]; then
		entry=$("$@" cat "$esp/loader/loader.conf" | sed -n 's/^default[[:space:]][[:space:]]*//p' | tail -n 1)
	fi
	toplevel=
	if [ -n "$entry" ]; then toplevel=$(toplevel_of_entry "$esp" "$entry" "$@"); fi
	echo "systemd-boot ${toplevel:--}"
}

# efi_variable NAME [COMMAND...]: four bytes of attributes, then UTF-16 with a final NUL.
efi_variable() {
	variable=$variables/$1-$vendor
	shift
	if "$@" test -e "$variable"; then "$@" cat "$variable" | tail -c +5 | tr -d '\000'; fi
}

# toplevel_of_entry ESP ENTRY [COMMAND...]: with boot counting the file's name carries the tries left:
# nixos-generation-5+3-1.conf
toplevel_of_entry() (
	entry=$1/loader/entries/${2%.conf}
	shift 2
	for file in "$entry.conf" "$entry"+*.conf; do
		if "$@" test -e "$file"; then
			"$@" cat "$file" | sed -n 's/^options[[:space:]]/ /p' | toplevel_of_init
			break
		fi
	done
)

grub_default() {
	# shellcheck disable=SC2016 # GRUB's own variable, not ours
	number=$("$@" cat /boot/grub/grub.cfg |
		sed -n 's/^[[:space:]]*set default=//p' | tr -d '"' | grep -v '^\${next_entry}$' | tail -n 1)
	case $number in
	*saved_entry*) number=$("$@" cat /boot/grub/grubenv 2>/dev/null | sed -n 's/^saved_entry=//p' | head -n 1) ;;
	esac
	case $number in
	'' | *[!0-9]*) [ -z "$number" ] || { echo 'grub -'; return; }; number=0 ;;
	esac
	# Entries and submenus of the outermost level are counted from 0.
	toplevel=$("$@" cat /boot/grub/grub.cfg | awk -v wanted="$number" '
		depth == 0 && /^[[:space:]]*(menuentry|submenu)[[:space:]"\x27]/ { seen++ }
		seen == wanted + 1 && /[[:space:]]init=/ { print; exit }
		{ depth += gsub(/[{][[:space:]]*$/, "&") - gsub(/^[[:space:]]*[}]/, "&") }
	' | toplevel_of_init)
	echo "grub ${toplevel:--}"
}

extlinux_default() {
	toplevel=$("$@" cat /boot/extlinux/extlinux.conf | awk '
		toupper($1) == "DEFAULT" { wanted = $2 }
		toupper($1) == "LABEL" { label = $2 }
		toupper($1) == "APPEND" && label == wanted { print; exit }
	' | toplevel_of_init)
	echo "extlinux ${toplevel:--}"
}

# Reads a kernel command line and prints the toplevel whose init it starts.
toplevel_of_init() {
	sed -n 's/.*[[:space:]]init=\([^[:space:]]*\)\/init\([[:space:]].*\)\{0,1\}$/\1/p' | head -n 1
}
