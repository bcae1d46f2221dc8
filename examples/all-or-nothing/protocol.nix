# Which version of their protocol app1 and db1 speak with each other.
1
