#!/bin/sh
# npm run bench: builds flurry, boots as many hosts as are asked for, and measures; see main.ts for the options.
set -eu
cd "$(dirname "$0")/../.."
npm run --silent build
exec node --import tsx test/bench/main.ts "$@"
