# The end of a deployment that was never armed: what it left is removed.
clear_deployment "$ID"
