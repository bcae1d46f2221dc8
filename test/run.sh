#!/bin/bash
# npm test: everything that is checked, in order. Each failing step fails the whole.
#   test/run.sh [--unit | --release | --all] [FILE...]   --unit: without the fleet; --release: those named *.release.test.ts,
#   which npm test leaves out; --all: these as well; FILE: only these tests, and no other step
#   test/run.sh --faults [--tests] [FILE...]   only those named *.faults.test.ts, then the fault matrix; --tests: without it
#   test/run.sh --faults [--only CASE]... [--seed N] [--table FILE]   the fault matrix alone
# CI=true: a fleet that cannot run is a failure. FLURRY_TEST_HOSTS: how many hosts are booted for the tests (10, or 12 with
# --release, --all and --faults).
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
. test/setup.sh

fleet=wanted
programs=()
tests=(-name '*.test.ts' -not -name '*.release.test.ts' -not -name '*.faults.test.ts')
hosts=10
at_once=6
matrix=no
case ${1-} in
--unit) fleet=unwanted ;;
--all) tests=(-name '*.test.ts' -not -name '*.faults.test.ts') hosts=12 at_once=4 programs=(zsh fish mandoc jq ping) ;;
# Several of these files try many things side by side.
--release) tests=(-name '*.release.test.ts') hosts=12 at_once=4 programs=(zsh fish mandoc jq ping) ;;
# One of the long tests is of twelve hosts.
--faults) tests=(-name '*.faults.test.ts') hosts=12 at_once=4 matrix=also ;;
esac
case ${1-} in --*) shift ;; esac
case $matrix,${1-} in
also,--tests) matrix=no && shift ;;
also,--*) matrix=alone ;;
also,?*) matrix=no ;;
esac
failed=()
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
counts=$scratch/counts

step() {
	local name=$1
	shift
	printf '\n== %s: %s\n' "$name" "$*"
	"$@" || failed+=("$name")
}

# The scripts that run on hosts, as they are put together, are among test/repository.
lint_shell() {
	if ! command -v shellcheck >/dev/null; then
		echo "skipped: shellcheck is not installed"
		[ "${CI-}" != true ]
		return
	fi
	find test -name '*.sh' -print0 | xargs -0 shellcheck .ci/run
}

run_matrix() {
	node --import tsx test/fleet/cli.ts run --hosts 8 -- node --import tsx test/faults/run.ts "$@"
}

run_tests() {
	local files=("$@") file units=$scratch/units.test.mts
	if [ $# -eq 0 ]; then
		while IFS= read -r file; do
			case $file in
			*.release.test.ts | *.faults.test.ts) files+=("$file") ;;
			# To start a process for each of them costs more than the tests: they share one. A failure names its file as well.
			test/cli/* | test/config/* | test/core/* | test/report/*) echo "import '$PWD/$file';" >>"$units" ;;
			*) files+=("$file") ;;
			esac
		done < <(find test "${tests[@]}" | LC_ALL=C sort)
		[ ! -e "$units" ] || files=("$units" "${files[@]}")
	fi
	# Node 20 takes no patterns. The second reporter's closing lines are repeated at the very end.
	local runner=(node --import tsx --test --test-concurrency="$at_once"
		--test-reporter=spec --test-reporter-destination=stdout
		--test-reporter=tap --test-reporter-destination="$counts" "${files[@]}")
	case $fleet in
	wanted) node --import tsx test/fleet/cli.ts run --hosts "${FLURRY_TEST_HOSTS:-$hosts}" -- "${runner[@]}" ;;
	*) env -u FLURRY_TEST_FLEET "${runner[@]}" ;;
	esac
}

install_npm_packages || exit 1
if [ "$fleet" = wanted ]; then
	obstacle=$(fleet_obstacle)
	if [ -n "$obstacle" ]; then
		fleet=missing
	else
		node --import tsx test/fleet/cli.ts prepare git shellcheck "${programs[@]}" || exit 1
	fi
fi

if [ "$matrix" = alone ]; then
	[ "$fleet" = wanted ] || {
		echo "the fault matrix cannot run: $obstacle" >&2
		exit 1
	}
	build_dist || exit 1
	run_matrix "$@"
	exit
fi

if [ $# -eq 0 ]; then
	step lint npx --no-install biome check
	step types npm run --silent types
	step shell lint_shell
fi
printf '\n== build\n'
build_dist || exit 1
printf '\n== tests\n'
run_tests "$@" || failed+=(tests)
if [ "$matrix" = also ] && [ "$fleet" = wanted ]; then step 'fault matrix' run_matrix; fi

echo
if [ $fleet = missing ]; then
	echo "SKIPPED all tests on real hosts: $obstacle."
	if [ "${CI-}" = true ]; then failed+=('tests on real hosts (skipped, and this is CI)'); fi
elif [ $fleet = unwanted ]; then
	echo "Not run, as asked: the tests on real hosts."
fi
if [ ${#failed[@]} -gt 0 ]; then printf 'FAILED: %s\n' "${failed[@]}"; fi
# The closing lines stand at the left margin; those of subtests do not.
grep -E '^# (tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) ' "$counts" || failed+=('no tests were run')
[ ${#failed[@]} -eq 0 ]
