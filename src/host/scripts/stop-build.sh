# Cancels the build of deployment $1: the host is as it was, but for paths in its store.
systemctl stop --no-block "flurry-build-$1.service" 2>/dev/null || true
