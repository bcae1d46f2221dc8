# shellcheck shell=sh
# Stands in for set_state in the package under test, behind the shipped one, which is renamed to write_state: halts
# before and after the write of a state while a test wants it, and says that it does.
set_state() {
	halt_for_test "before-$1"
	write_state "$1"
	written=$?
	halt_for_test "after-$1"
	return "$written"
}

# An empty file needs no block: this works on a full /run as well.
halt_for_test() {
	if [ ! -e "/run/fleet-halt/$1" ]; then return 0; fi
	: >"/run/fleet-halt/at-$1"
	while [ -e "/run/fleet-halt/$1" ]; do sleep 0.05; done
}
