# boot_default: prints "LOADER TOPLEVEL": what the boot loader starts unless told otherwise for one boot (boot-once.sh),
# read from its own files, which are often root's, or "unknown -".
#
# systemd-boot: loader.conf names the entry, an EFI variable overrides it (systemd-boot(7), The Boot Loader Interface).
# GRUB: NixOS' grub.cfg sets `default` to a number or a saved entry. extlinux: DEFAULT names a LABEL.
variables=/sys/firmware/efi/efivars
vendor=4a67b082-0a4c-41cf-b6c7-440b29bb8c4f

boot_default() {
	esp=$(efi_partition)
	if [ -n "$esp" ]; then
		systemd_boot_default "$esp"
	elif [ -e /boot/grub/grub.cfg ]; then
		grub_default
	elif [ -e /boot/extlinux/extlinux.conf ]; then
		extlinux_default
	else
		echo 'unknown -'
	fi
}

# efi_partition: prints where systemd-boot's own files are; nothing where there are none.
efi_partition() {
	for place in /boot /efi /boot/efi; do
		if [ -e "$place/loader/loader.conf" ]; then
			echo "$place"
			return
		fi
	done
}

systemd_boot_default() {
	esp=$1
	entry=$(efi_variable LoaderEntryDefault)
	if [ -z "$entry" ]; then
		entry=$(sed -n 's/^default[[:space:]][[:space:]]*//p' "$esp/loader/loader.conf" | tail -n 1)
	fi
	toplevel=
	if [ -n "$entry" ]; then toplevel=$(toplevel_of_entry "$esp" "$entry"); fi
	echo "systemd-boot ${toplevel:--}"
}

# efi_variable NAME: four bytes of attributes, then UTF-16 with a final NUL.
efi_variable() {
	variable=$variables/$1-$vendor
	if [ -e "$variable" ]; then tail -c +5 "$variable" | tr -d '\000'; fi
}

# toplevel_of_entry ESP ENTRY: with boot counting the file's name carries the tries left:
# nixos-generation-5+3-1.conf
toplevel_of_entry() (
	entry=$1/loader/entries/${2%.conf}
	for file in "$entry.conf" "$entry"+*.conf; do
		if [ -e "$file" ]; then
			sed -n 's/^options[[:space:]]/ /p' "$file" | toplevel_of_init
			break
		fi
	done
)

grub_default() {
	# shellcheck disable=SC2016 # GRUB's own variable, not ours
	number=$(sed -n 's/^[[:space:]]*set default=//p' /boot/grub/grub.cfg | tr -d '"' | grep -v '^\${next_entry}$' | tail -n 1)
	case $number in
	*saved_entry*) number=$(sed -n 's/^saved_entry=//p' /boot/grub/grubenv 2>/dev/null | head -n 1) ;;
	esac
	case $number in
	'' | *[!0-9]*) [ -z "$number" ] || { echo 'grub -'; return; }; number=0 ;;
	esac
	# Entries and submenus of the outermost level are counted from 0.
	toplevel=$(awk -v wanted="$number" '
		depth == 0 && /^[[:space:]]*(menuentry|submenu)[[:space:]"\x27]/ { seen++ }
		seen == wanted + 1 && /[[:space:]]init=/ { print; exit }
		{ depth += gsub(/[{][[:space:]]*$/, "&") - gsub(/^[[:space:]]*[}]/, "&") }
	' /boot/grub/grub.cfg | toplevel_of_init)
	echo "grub ${toplevel:--}"
}

extlinux_default() {
	toplevel=$(awk '
		toupper($1) == "DEFAULT" { wanted = $2 }
		toupper($1) == "LABEL" { label = $2 }
		toupper($1) == "APPEND" && label == wanted { print; exit }
	' /boot/extlinux/extlinux.conf | toplevel_of_init)
	echo "extlinux ${toplevel:--}"
}

# Reads a kernel command line and prints the toplevel whose init it starts.
toplevel_of_init() {
	sed -n 's/.*[[:space:]]init=\([^[:space:]]*\)\/init\([[:space:]].*\)\{0,1\}$/\1/p' | head -n 1
}
