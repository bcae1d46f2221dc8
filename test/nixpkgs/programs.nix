# What shapedTools copies from the building machine. A missing one is skipped. No sudo: on NixOS
# it lives in /run/wrappers, since the store holds no setuid programs.
[
  "sh" "dash" "bash"
  # coreutils
  "[" "arch" "b2sum" "base32" "base64" "basename" "cat" "chgrp" "chmod" "chown" "cksum" "comm" "cp" "csplit"
  "cut" "date" "dd" "df" "dir" "dirname" "du" "echo" "env" "expand" "expr" "factor" "false" "fmt" "fold"
  "groups" "head" "hostid" "id" "install" "join" "link" "ln" "logname" "ls" "md5sum" "mkdir" "mkfifo" "mknod"
  "mktemp" "mv" "nice" "nl" "nohup" "nproc" "numfmt" "od" "paste" "pathchk" "pinky" "pr" "printenv" "printf"
  "pwd" "readlink" "realpath" "rm" "rmdir" "seq" "sha1sum" "sha224sum" "sha256sum" "sha384sum" "sha512sum"
  "shred" "shuf" "sleep" "sort" "split" "stat" "stdbuf" "stty" "sum" "sync" "tac" "tail" "tee" "test"
  "timeout" "touch" "tr" "true" "truncate" "tsort" "tty" "uname" "unexpand" "uniq" "unlink" "users" "vdir"
  "wc" "who" "whoami" "yes"
  # grep, sed, awk, findutils, diffutils, tar, gzip
  "grep" "egrep" "fgrep" "sed" "awk" "mawk" "find" "xargs" "cmp" "diff" "tar" "gzip" "gunzip" "zcat"
  # util-linux
  "flock" "mount" "umount" "findmnt" "lsblk" "mountpoint" "unshare" "nsenter" "setsid" "logger" "fallocate"
  "getopt" "kill" "more" "mcookie" "renice" "taskset" "prlimit" "chrt" "ionice" "losetup" "lsns" "uuidgen"
  "blkid" "dmesg" "swapon" "swapoff" "fstrim" "choom" "namei" "hwclock" "sulogin" "agetty" "su" "login"
  # procps
  "ps" "pgrep" "pkill" "pidof" "free" "uptime" "top" "sysctl" "w" "watch" "vmstat" "pmap" "pidwait"
  # systemd
  "systemctl" "systemd-run" "journalctl" "systemd-cat" "loginctl" "systemd-escape" "systemd-notify"
  "systemd-analyze" "busctl" "systemd-tmpfiles" "systemd-sysusers" "systemd-id128" "systemd-inhibit"
  "systemd-detect-virt" "systemd-path" "systemd-cgls" "systemd-cgtop" "systemd-delta" "systemd-mount"
  "systemd-umount" "systemd-creds" "systemd-machine-id-setup" "systemd-ask-password"
  "systemd-tty-ask-password-agent" "timedatectl" "hostnamectl" "localectl" "networkctl" "resolvectl"
  "run0" "reboot" "poweroff" "halt" "shutdown"
  # nix and its other names
  "nix" "nix-env" "nix-store" "nix-build" "nix-shell" "nix-daemon" "nix-instantiate" "nix-collect-garbage"
  "nix-channel" "nix-copy-closure" "nix-hash" "nix-prefetch-url"
  # names and networks
  "curl" "hostname" "getent" "ip" "ss" "bridge" "tc" "ping" "ssh-keygen" "ssh" "scp" "ssh-keyscan" "less" "clear"
  "useradd" "usermod" "userdel" "groupadd" "passwd" "chpasswd" "chroot" "which" "ldd"
]
