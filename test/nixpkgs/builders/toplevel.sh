# shellcheck shell=sh
# Builds the toplevel. From the derivation: the variables below, and texts as <name>Path.
: "${out:?}" "${tools:?}" "${kernel:?}" "${initrd:?}" "${modules:?}" "${etc:?}" "${systemPath:?}" "${label:?}"
: "${scripts:?}" "${kernelVersion:?}" "${hostSystem:?}" "${initInterfaceVersion:?}"

second=0
while [ "$second" -lt "${buildSeconds:-0}" ]; do
  second=$((second + 1))
  echo "building for $second of $buildSeconds seconds"
  sleep 1
done
if [ "${buildFails-}" ]; then
  echo "compiling the impossible"
  echo "error: shaped.buildFails is set" >&2
  exit 1
fi

# Scripts run by the tools' sh and find their toplevel by @out@.
install_script() {
  sed -e "1s|.*|#!$tools/bin/${3:-sh}|" -e "s|@out@|$out|g" -e "s|@tools@|$tools|g" "$1" >"$out/$2"
  chmod 555 "$out/$2"
}

mkdir -p "$out/bin" "$out/shaped" "$out/specialisation"
ln -s "$kernel/bzImage" "$out/kernel"
ln -s "$initrd/initrd" "$out/initrd"
ln -s "$modules" "$out/kernel-modules"
ln -s "$systemPath" "$out/sw"
ln -s "$tools" "$out/systemd"
ln -s "$etc/etc" "$out/etc"

[ ! "${nixosVersion-}" ] || printf %s "$nixosVersion" >"$out/nixos-version"
printf %s "systemd $initInterfaceVersion" >"$out/init-interface-version"
printf %s "$hostSystem" >"$out/system"
printf %s "${kernelParams-}" >"$out/kernel-params"
: >"$out/configuration-name"
: >"$out/extra-dependencies"
[ ! -s "${switchInhibitorsPath:?}" ] || cp "$switchInhibitorsPath" "$out/switch-inhibitors"
for pair in ${specialisations-}; do ln -s "${pair#*=}" "$out/specialisation/${pair%%=*}"; done

cat >"$out/boot.json" <<JSON
{"org.nixos.bootspec.v1":{"init":"$out/init","initrd":"$initrd/initrd","kernel":"$kernel/bzImage","kernelParams":[],"label":"NixOS $label (Linux $kernelVersion)","system":"$hostSystem","toplevel":"$out"},"org.nixos.specialisation.v1":{}}
JSON

cp "${settingsPath:?}" "$out/shaped/settings"
for name in loader systemd-boot grub extlinux none; do cp "$scripts/loader/$name.sh" "$out/shaped/"; done
install_script "$scripts/switch-to-configuration.sh" bin/switch-to-configuration
install_script "$scripts/install-bootloader.sh" shaped/install-bootloader
install_script "$scripts/inhibitors.sh" shaped/check-switch-inhibitors
for name in units plan act; do cp "$scripts/$name.sh" "$out/shaped/"; done
install_script "$scripts/activate.sh" activate
install_script "$scripts/dry-activate.sh" dry-activate
install_script "$scripts/init.sh" init

# NixOS's snippets and checks are bash; the ERR trap is how it counts failures.
{
  echo "#"
  echo 'systemConfig=@out@; export PATH=@tools@/bin'
  # shellcheck disable=SC2016
  echo '_status=0; trap "_status=1 _localstatus=\$?" ERR'
  cat "${activationSnippetsPath:?}"
  # shellcheck disable=SC2016
  echo 'exit $_status'
} >snippets
install_script snippets shaped/activation-snippets bash
{
  echo "#"
  echo 'export PATH=@tools@/bin; set -u'
  echo '@out@/shaped/check-switch-inhibitors "$@" || { echo "Pre-switch check '"'switchInhibitors'"' failed" >&2; exit 1; }'
  cat "${checksPath:?}"
} >checks
install_script checks shaped/pre-switch-checks bash

# As system.extraSystemBuilderCmds in NixOS: run in this shell, with $out.
# shellcheck disable=SC1090
. "${extraCommandsPath:?}"
