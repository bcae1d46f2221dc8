# shellcheck shell=sh
# What `npm start` and `npm test` share: everything that a fresh clone needs before TypeScript can run.
# It is sourced in the repository's root.

say() {
	printf '%s\n' "$*" >&2
}

# The lock file's own copy in node_modules is as old as the last complete `npm ci`, which builds dist as well.
install_npm_packages() {
	if [ -e node_modules/.package-lock.json ] &&
		[ -z "$(find package-lock.json -newer node_modules/.package-lock.json)" ]; then
		return
	fi
	say "setup: installing the npm packages of package-lock.json into node_modules (npm ci)"
	npm ci --no-progress --loglevel=error >&2
}

build_dist() {
	if [ -e dist/cli/main.js ] && [ -z "$(find src tsconfig*.json -newer dist/cli/main.js -print | head -n 1)" ]; then
		return
	fi
	say "setup: building dist"
	npm run --silent build >&2
}

# Prints why the test fleet cannot run on this machine; nothing where it can.
fleet_obstacle() {
	if [ "$(uname -s)" != Linux ]; then
		echo "the test fleet boots its hosts by systemd-nspawn, which needs Linux; this is $(uname -s)"
	elif [ "$(id -u)" != 0 ]; then
		echo "the test fleet makes network namespaces and mounts, which needs root; you are $(id -un)"
	elif ! command -v apt-get >/dev/null; then
		for program in systemd-nspawn mmdebstrap ip nft ssh-keygen nix git flock mkfs.ext4; do
			if ! command -v "$program" >/dev/null; then
				echo "the test fleet needs $program, and there is no apt-get to install it with"
				return
			fi
		done
	fi
}
