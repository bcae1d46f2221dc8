# tell_change NEW SPECIALISATION: what of a built system a running one cannot become without a reboot, as lines "KEY VALUE", and whether
# the boot loader can try it once, and its specialisations. One that is named (or empty) is what is to run. Files that the systems hold are told as they are, on one line each.
tell_change() {
	echo "init-old $(one_line /run/current-system/init-interface-version)"
	runs=$1${2:+/specialisation/$2}
	echo "init-new $(one_line "$runs/init-interface-version")"
	echo "inhibitors-old $(one_line /run/current-system/switch-inhibitors)"
	echo "inhibitors-new $(one_line "$runs/switch-inhibitors")"
	for part in kernel initrd kernel-modules; do
		if [ "$(readlink -f "/run/booted-system/$part")" != "$(readlink -f "$1/$part")" ]; then echo "boots-other $part"; fi
	done
	for link in "$1"/specialisation/*; do
		if [ -e "$link/bin/switch-to-configuration" ]; then echo "specialisation $(readlink -f "$link") ${link##*/}"; fi
	done
	if can_boot_once "$1"; then echo 'can-boot-once yes'; fi
}

# A line is cut at 16 KiB where it is read; what is longer than these is no such file.
one_line() {
	head -c 12000 "$1" 2>/dev/null | tr '\000-\037' ' '
}
