# Removes what the ended deployment $1 left in /run; its garbage collection roots go with it.
rm -rf "/run/flurry/$1"
rmdir /run/flurry 2>/dev/null || true
