# The end of a deployment that was never armed: what it left is removed.
id=$ID
clear_deployment
