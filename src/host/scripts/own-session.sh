# Runs the script $1, with the words behind it, in a session of its own, whose process group holds nobody else: what it
# leaves can be ended all at once. Standard input is the script's from here on.
exec setsid -w sh -c "$@"
