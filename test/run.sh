#!/bin/bash
# npm test: everything that is checked, in order. Each failing step fails the whole.
#   test/run.sh [--unit | --all | --release] [FILE...]   --unit: without the fleet; --release: only the long tests, named
#   *.release.test.ts; --all: these as well; FILE: only these tests, and no other step
# CI=true: a fleet that cannot run is a failure. FLURRY_TEST_HOSTS: how many hosts are booted (10; 12 with --all and --release).
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
. test/setup.sh

fleet=wanted
programs=()
tests=(-name '*.test.ts' -not -name '*.release.test.ts')
hosts=10
case ${1-} in
--unit) fleet=unwanted ;;
# One of the long tests is of twelve hosts.
--all) tests=(-name '*.test.ts') hosts=12 programs=(zsh fish mandoc jq) ;;
--release) tests=(-name '*.release.test.ts') hosts=12 programs=(zsh fish mandoc jq) ;;
esac
case ${1-} in --*) shift ;; esac
failed=()
counts=$(mktemp) || exit 1
trap 'rm -f "$counts"' EXIT

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

run_tests() {
	local files=("$@")
	[ ${#files[@]} -gt 0 ] || mapfile -t files < <(find test "${tests[@]}" | LC_ALL=C sort)
	# Node 20 takes no patterns. The second reporter's closing lines are repeated at the very end.
	local runner=(node --import tsx --test --test-concurrency=4
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

if [ $# -eq 0 ]; then
	step lint npx --no-install biome check
	step types npm run --silent types
	step shell lint_shell
fi
printf '\n== build\n'
build_dist || exit 1
printf '\n== tests\n'
run_tests "$@" || failed+=(tests)

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
