# Forgets how the build of deployment $1 has ended, so that it can be done again.
rm -f "/run/flurry/$1/build.begun" "/run/flurry/$1/build.end"
