# Behind the end of the transaction, whatever ended it: usually the way back has been started by now, and ends this.
id=$ID
dir=/run/flurry/$id
if [ -e "$dir/end" ]; then exit 0; fi
# Who stops all of our units at once does so one by one.
sleep 1
restart_way_back "$id"
