# Removes what the ended deployment $1 left.
id=$1
clear_deployment
