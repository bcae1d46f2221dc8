# Builds whose coordinator never came back.
find /run/flurry -mindepth 1 -maxdepth 1 -type d -mmin +180 | while read -r old; do
	if [ ! -e "$old/state" ] && ! unit_works "flurry-build-${old##*/}.service"; then rm -rf "$old"; fi
done
reconcile
restart_ways_back
