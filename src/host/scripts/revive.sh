# Has every deployment put back that nobody is left to decide.
restart_ways_back
