# What is booted once, at the next boot only, before what is the default boots again. systemd-boot keeps it in the EFI
# variable LoaderEntryOneShot (bootctl set-oneshot), GRUB as next_entry in its environment block (grub-reboot); both
# forget it when they boot it. Uses the functions and variables of boot-default.sh.

# can_boot_once TOPLEVEL: whether the boot loader can, as far as can be seen. The old system stays the default, so that has
# to be what the profile points to, and another one. systemd-boot leaves LoaderInfo where it has booted the host. GRUB reads its block from every
# file system, but can change it (to forget) only on a plain one: grub-reboot(8).
can_boot_once() {
	default=$(boot_default)
	[ "${default#* }" = "$(readlink -f /nix/var/nix/profiles/system)" ] || return 1
	[ "${default#* }" != "$1" ] || return 1
	case $(readlink /nix/var/nix/profiles/system) in
	system-*-link) ;;
	*) return 1 ;;
	esac
	case $default in
	systemd-boot\ *) [ -e "$variables/LoaderInfo-$vendor" ] && command -v bootctl >/dev/null ;;
	grub\ *)
		command -v grub-reboot >/dev/null && command -v grub-editenv >/dev/null || return 1
		case $(findmnt --noheadings --output FSTYPE,SOURCE --target /boot/grub) in
		btrfs* | zfs* | bcachefs* | f2fs* | *' /dev/mapper/'* | *' /dev/dm-'* | *' /dev/md'*) return 1 ;;
		esac
		;;
	*) return 1 ;;
	esac
}

# boots_once: prints the toplevel that is booted once, `-` where nothing is to be.
boots_once() {
	once=
	case $(boot_default) in
	systemd-boot\ *)
		esp=$(efi_partition)
		entry=$(efi_variable LoaderEntryOneShot)
		if [ -n "$entry" ]; then once=$(toplevel_of_entry "$esp" "$entry"); fi
		;;
	grub\ *)
		entry=$(sed -n 's/^next_entry=//p' /boot/grub/grubenv 2>/dev/null | head -n 1)
		if [ -n "$entry" ]; then once=$(grub_entries | awk -v wanted="$entry" '$1 == wanted { print $2 }'); fi
		;;
	esac
	echo "${once:--}"
}

# boot_once TOPLEVEL: has it booted once. Fails where the loader has no entry for it, or its program fails.
boot_once() {
	case $(boot_default) in
	systemd-boot\ *)
		esp=$(efi_partition)
		chosen=
		for file in "$esp"/loader/entries/*.conf; do
			entry=$(basename "$file" .conf)
			# With boot counting the tries left are no part of its name.
			entry=${entry%%+*}
			if [ "$(toplevel_of_entry "$esp" "$entry")" = "$1" ]; then chosen=$entry.conf; fi
		done
		[ -n "$chosen" ] && bootctl set-oneshot "$chosen"
		;;
	grub\ *)
		entry=$(grub_entries | awk -v wanted="$1" '$2 == wanted { print $1 }' | tail -n 1)
		[ -n "$entry" ] && grub-reboot --boot-directory=/boot "$entry" && sync -f /boot/grub
		;;
	*) return 1 ;;
	esac
}

# boot_no_once: takes it back, be it that there is nothing.
boot_no_once() {
	[ "$(boots_once)" != - ] || return 0
	case $(boot_default) in
	systemd-boot\ *) bootctl set-oneshot '' ;;
	grub\ *) grub-editenv /boot/grub/grubenv unset next_entry && sync -f /boot/grub ;;
	esac
}

# grub_entries: prints "NUMBER TOPLEVEL" of each menu entry as grub-reboot is to be given it: counted from 0, and within
# a submenu behind the submenu's own number, 1>0.
grub_entries() {
	awk '
		/^[[:space:]]*(menuentry|submenu)[[:space:]"\x27]/ { number[depth]++; inner = depth + 1; number[inner] = 0 }
		match($0, /[[:space:]]init=[^[:space:]]*\/init/) {
			path = number[0] - 1
			for (level = 1; level < depth; level++) path = path ">" (number[level] - 1)
			print path, substr($0, RSTART + 6, RLENGTH - 11)
		}
		{ depth += gsub(/[{][[:space:]]*$/, "&") - gsub(/^[[:space:]]*[}]/, "&") }
	' /boot/grub/grub.cfg
}
