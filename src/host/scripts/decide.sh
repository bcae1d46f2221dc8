# Confirms or aborts transaction $1 by renaming its token to $2 (confirmed or aborted), and says who decided.
dir=/run/flurry/$1
mv -T "$dir/waiting" "$dir/$2" 2>/dev/null
for word in confirmed aborted expired; do
	if [ -e "$dir/$word" ]; then echo "decided $word"; fi
done
