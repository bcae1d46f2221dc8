# tell_change NEW: what of a built system a running one cannot become without a reboot, as lines "KEY VALUE", and whether
# the boot loader can try it once. Files that the systems hold are told as they are, on one line each.
tell_change() {
	echo "init-old $(one_line /run/current-system/init-interface-version)"
	echo "init-new $(one_line "$1/init-interface-version")"
	echo "inhibitors-old $(one_line /run/current-system/switch-inhibitors)"
	echo "inhibitors-new $(one_line "$1/switch-inhibitors")"
	for part in kernel initrd kernel-modules; do
		if [ "$(readlink -f "/run/booted-system/$part")" != "$(readlink -f "$1/$part")" ]; then echo "boots-other $part"; fi
	done
	if can_boot_once "$1"; then echo 'can-boot-once yes'; fi
}

# A line is cut at 16 KiB where it is read; what is longer than these is no such file.
one_line() {
	head -c 12000 "$1" 2>/dev/null | tr '\000-\037' ' '
}
