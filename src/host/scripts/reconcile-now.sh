# Gives every deployment that a crash cut off its verdict.
reconcile
