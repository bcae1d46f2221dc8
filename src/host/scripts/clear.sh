# Removes what the ended deployment $1 left.
clear_deployment "$1"
