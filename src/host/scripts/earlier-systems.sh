# What this host could go back to: the generations of its system profile, what its history tells of the deployments, and
# which of their systems are in the store and systems of NixOS, with their specialisations. Lines "KEY VALUE"; changes nothing.
history=/var/lib/flurry/history.jsonl

if [ -e "$history" ]; then
	grep '^{"event":"begun"' "$history" | sed 's/^/begun /'
	sed -n 's/^{"event":"ended","id":"\([^"]*\)","at":"[^"]*","verdict":"\([a-z-]*\)".*/ended \1 \2/p' "$history"
fi
generations | sed 's/^/generation /'
{
	generations | cut -d ' ' -f 2-
	if [ -e "$history" ]; then
		sed -n '/^{"event":"begun"/{s/.*,"old":"\([^"]*\)","new":"\([^"]*\)".*/\1 \2/p;}' "$history" | tr ' ' '\n'
	fi
} | sort -u | while read -r toplevel; do
	if [ ! -e "$toplevel/nixos-version" ]; then continue; fi
	printf 'present %s\n' "$toplevel"
	for link in "$toplevel"/specialisation/*; do
		if [ -e "$link" ]; then printf 'specialisation %s %s %s\n' "$(readlink -f "$link")" "$toplevel" "${link##*/}"; fi
	done
done
