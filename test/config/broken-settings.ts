/** Configurations of the flake in which these settings stand. */
export const configurations = ['db', 'web1', 'web2'] as const;

/** Something wrong in the output `flurry` of a flake, as Nix has it, and all that flurry says of it. */
export const brokenSettings: readonly (readonly [string, string])[] = [
  [
    'nodes = { };',
    'flurry: flurry.nodes must be a setting that flurry knows, found none of that name\n' + '  did you mean hosts?\n',
  ],
  [
    'web1 = { };',
    'flurry: flurry.web1 must be a setting that flurry knows, found none of that name\n' +
      '  did you mean flurry.hosts.web1?\n',
  ],
  [
    'settings = { };',
    'flurry: flurry.settings must be a setting that flurry knows, found none of that name\n' +
      '  there are defaults, hosts\n',
  ],
  [
    'defaults.parallel = "3";',
    'flurry: flurry.defaults.parallel must be a whole number, found "3"\n' + '  write 3 without quotes\n',
  ],
  [
    'defaults.parallelReboots = 0;',
    'flurry: flurry.defaults.parallelReboots must be a whole number from 1 to 1000, found 0\n',
  ],
  [
    'defaults.address = "192.0.2.7";',
    'flurry: flurry.defaults.address must be a setting of all hosts, found one of a single host\n' +
      '  write flurry.hosts.<name>.address\n',
  ],
  [
    'defaults.goal = "test";',
    'flurry: flurry.defaults.goal must be a setting that a flake may have, found one of the command line\n' +
      '  give it as --goal or FLURRY_GOAL\n',
  ],
  [
    'defaults.targetUser = "root";',
    'flurry: flurry.defaults.targetUser must be a setting that flurry knows, found none of that name\n' +
      '  did you mean user?\n',
  ],
  [
    'defaults.copyInputs = false;',
    'flurry: flurry.defaults.copyInputs must be one of auto, always, never, found false\n',
  ],
  [
    'defaults.ifRollbackFails = "reboot";',
    'flurry: flurry.defaults.ifRollbackFails must be hold, unless it is known that the hosts boot without a person, found "reboot"\n' +
      '  if no host that it is written for waits for a disk passphrase, write unattendedBoot = true beside it\n',
  ],
  [
    'hosts.h01 = { configuration = "db"; port = "22"; };',
    'flurry: flurry.hosts.h01.port must be a whole number from 1 to 65535, found "22"\n' +
      '  write 22 without quotes\n',
  ],
  [
    'hosts.h02 = { configuration = "db"; port = 70000; };',
    'flurry: flurry.hosts.h02.port must be a whole number from 1 to 65535, found 70000\n',
  ],
  [
    'hosts.h03 = { configuration = "db"; port = 22.5; };',
    'flurry: flurry.hosts.h03.port must be a whole number from 1 to 65535, found 22.5\n',
  ],
  [
    'hosts.h04 = { configuration = "db"; port = null; };',
    'flurry: flurry.hosts.h04.port must be a whole number from 1 to 65535, found null\n' +
      '  what is not to be set is left out\n',
  ],
  [
    'hosts.h05 = { configuration = "db"; user = "ro ot"; };',
    'flurry: flurry.hosts.h05.user must be a login name, found "ro ot"\n',
  ],
  [
    'hosts.h06 = { configuration = "db"; address = [ "192.0.2.7" ]; };',
    'flurry: flurry.hosts.h06.address must be a name or address as ssh takes it, without user and port, found [ "192.0.2.7" ]\n',
  ],
  [
    'hosts.h07 = { configuration = "db"; address = "root@192.0.2.7"; };',
    'flurry: flurry.hosts.h07.address must be a name or address as ssh takes it, without user and port, found "root@192.0.2.7"\n' +
      '  write address = "192.0.2.7"; user = "root";\n',
  ],
  [
    'hosts.h08 = { configuration = "db"; address = "192.0.2.7:2222"; };',
    'flurry: flurry.hosts.h08.address must be a name or address as ssh takes it, without user and port, found "192.0.2.7:2222"\n' +
      '  write address = "192.0.2.7"; port = 2222;\n',
  ],
  [
    'hosts.h09 = { configuration = "db"; address = throw "no address"; };',
    'flurry: flurry.hosts.h09.address must be a name or address as ssh takes it, without user and port, found an error\n' +
      "  this shows it: nix eval '.#flurry.hosts.h09.address'\n",
  ],
  [
    'hosts.h10 = { configuration = "web11"; };',
    'flurry: flurry.hosts.h10.configuration must be the name of one of the nixosConfigurations, found "web11"\n' +
      '  did you mean web1?\n',
  ],
  [
    'hosts.h11 = { configuration = "mail"; };',
    'flurry: flurry.hosts.h11.configuration must be the name of one of the nixosConfigurations, found "mail"\n' +
      '  there are db, web1, web2\n',
  ],
  [
    'hosts.h13 = { configuration = "db"; tags = "web"; };',
    'flurry: flurry.hosts.h13.tags must be a list, found "web"\n' + '  write [ "web" ]\n',
  ],
  [
    'hosts.h14 = { configuration = "db"; tags = [ "@web" 7 ]; };',
    'flurry: flurry.hosts.h14.tags[0] must be letters, digits, _ . and -, found "@web"\n' +
      '  write "web"\n' +
      'flurry: flurry.hosts.h14.tags[1] must be a string, found 7\n',
  ],
  [
    'hosts.h15 = { configuration = "db"; hostKeys = "ssh-ed25519 AAAA"; };',
    'flurry: flurry.hosts.h15.hostKeys must be a list, found "ssh-ed25519 AAAA"\n' + '  write [ "ssh-ed25519 AAAA" ]\n',
  ],
  [
    'hosts.h16 = { configuration = "db"; hostKeys = [ "-----BEGIN OPENSSH PRIVATE KEY-----\\nb3BlbnNz" ]; };',
    'flurry: flurry.hosts.h16.hostKeys[0] must be a public key, like "ssh-ed25519 AAAA…", found a private key\n' +
      '  take it out: every host could read it; its public half is in the .pub file beside it\n',
  ],
  [
    'hosts.h17 = { configuration = "db"; hostKeys = [ "SHA256:uNiVztksCsDhcc0u9e8BgrJXVGDeQ1Q" ]; };',
    'flurry: flurry.hosts.h17.hostKeys[0] must be a public key, like "ssh-ed25519 AAAA…", found "SHA256:uNiVztksCsDhcc0u9e8BgrJXVGDeQ1Q"\n' +
      '  a fingerprint is not enough: ssh-keyscan HOST prints the keys\n',
  ],
  [
    'hosts.h18 = { configuration = "db"; hostKeys = [ ./web1.pub ]; };',
    'flurry: flurry.hosts.h18.hostKeys[0] must be a public key, like "ssh-ed25519 AAAA…", found a path\n' +
      '  give what is in the file: (builtins.readFile ./KEY.pub)\n',
  ],
  [
    'hosts.h19 = { configuration = "db"; hostKeys = [ "web1 ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEq0sm8jzVXnXqSYJYVx2xOOAVZSgSDGnNdPJtsx1HN9" ]; };',
    'flurry: flurry.hosts.h19.hostKeys[0] must be a public key, like "ssh-ed25519 AAAA…", found "web1 ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEq0sm8jzVXnXqSYJY…"\n' +
      '  leave away what stands before ssh-ed25519\n',
  ],
  [
    'hosts.h20 = { configuration = "db"; machineId = "F0E1D2C3-B4A5-4697-8879-6A5B4C3D2E1F"; };',
    'flurry: flurry.hosts.h20.machineId must be what /etc/machine-id holds: 32 hex digits in lower case, found "F0E1D2C3-B4A5-4697-8879-6A5B4C3D2E1F"\n' +
      '  write "f0e1d2c3b4a5469788796a5b4c3d2e1f"\n',
  ],
  [
    'hosts.h21 = { configuration = "db"; machineId = "f0e1"; };',
    'flurry: flurry.hosts.h21.machineId must be what /etc/machine-id holds: 32 hex digits in lower case, found "f0e1"\n',
  ],
  [
    'hosts.h22 = { configuration = "db"; transport = "ssh2"; };',
    'flurry: flurry.hosts.h22.transport must be one of auto, builtin, openssh, found "ssh2"\n',
  ],
  [
    'hosts.h23 = { configuration = "db"; elevate = { by = "sudo"; }; };',
    'flurry: flurry.hosts.h23.elevate must be one of auto, none, sudo, doas, run0, found { by = "sudo"; }\n',
  ],
  [
    'hosts.h24 = { configuration = "db"; sshOptions = "ProxyJump=bastion"; };',
    'flurry: flurry.hosts.h24.sshOptions must be a list, found "ProxyJump=bastion"\n' +
      '  write [ "ProxyJump=bastion" ]\n',
  ],
  [
    'hosts.h25 = { configuration = "db"; sshOptions = [ "-oPort=22" ]; };',
    'flurry: flurry.hosts.h25.sshOptions[0] must be NAME=VALUE, like ProxyJump=bastion, and begin with no dash, found "-oPort=22"\n',
  ],
  [
    'hosts.h26 = { configuration = "db"; buildOn = host: "local"; };',
    'flurry: flurry.hosts.h26.buildOn must be one of target, local, found a function\n' +
      '  give it what it wants, so that it gives a value\n',
  ],
  [
    'hosts.h27 = { configuration = "db"; reboot = "if-neded"; };',
    'flurry: flurry.hosts.h27.reboot must be one of never, if-needed, always, found "if-neded"\n' +
      '  did you mean if-needed?\n',
  ],
  [
    'hosts.h28 = { configuration = "db"; reboot = true; };',
    'flurry: flurry.hosts.h28.reboot must be one of never, if-needed, always, found true\n',
  ],
  [
    'hosts.h29 = { configuration = "db"; onUnitFailure = "roll-back"; };',
    'flurry: flurry.hosts.h29.onUnitFailure must be one of rollback, warn, found "roll-back"\n' +
      '  did you mean rollback?\n',
  ],
  [
    'hosts.h30 = { configuration = "db"; unattendedBoot = "true"; };',
    'flurry: flurry.hosts.h30.unattendedBoot must be true or false, found "true"\n' + '  write true without quotes\n',
  ],
  [
    'hosts.h31 = { configuration = "db"; ignoreUnits = [ "nginx" ]; };',
    'flurry: flurry.hosts.h31.ignoreUnits[0] must be a unit name with its type, like nginx.service, found "nginx"\n' +
      '  did you mean nginx.service?\n',
  ],
  [
    'hosts.h32 = { configuration = "db"; preActivateScript = ./check.sh; };',
    'flurry: flurry.hosts.h32.preActivateScript must be a string, found a path\n' + '  write it in quotes\n',
  ],
  [
    'hosts.h33 = { configuration = "db"; preActivateScript = { type = "derivation"; outPath = "/nix/store/x"; }; };',
    'flurry: flurry.hosts.h33.preActivateScript must be a string, found a package or flake\n',
  ],
  [
    'hosts.h34 = { configuration = "db"; allowDegraded = 1; };',
    'flurry: flurry.hosts.h34.allowDegraded must be true or false, found 1\n',
  ],
  [
    'hosts.h35 = { configuration = "db"; limits.confirmTimeout = 60; };',
    'flurry: flurry.hosts.h35.limits.confirmTimeout must be a duration with its unit, like 500ms, 15s, 10m, 3h or 1h30m, found 60\n' +
      '  did you mean "60s"?\n',
  ],
  [
    'hosts.h36 = { configuration = "db"; limits.settle = "5"; };',
    'flurry: flurry.hosts.h36.limits.settle must be a duration with its unit, like 500ms, 15s, 10m, 3h or 1h30m, found "5"\n' +
      '  did you mean 5s?\n',
  ],
  [
    'hosts.h37 = { configuration = "db"; limits.buildTimeout = "0s"; };',
    'flurry: flurry.hosts.h37.limits.buildTimeout must be a duration above zero (every wait has a limit), found "0s"\n',
  ],
  [
    'hosts.h38 = { configuration = "db"; limits.holdWindow = "30d"; };',
    'flurry: flurry.hosts.h38.limits.holdWindow must be a duration with its unit, like 500ms, 15s, 10m, 3h or 1h30m, found "30d"\n',
  ],
  [
    'hosts.h39 = { configuration = "db"; limits.conectTimeout = "5s"; };',
    'flurry: flurry.hosts.h39.limits.conectTimeout must be a setting that flurry knows, found none of that name\n' +
      '  did you mean connectTimeout?\n',
  ],
  [
    'hosts.h40 = { configuration = "db"; limits.reboot = "never"; };',
    'flurry: flurry.hosts.h40.limits.reboot must be a limit, found another setting\n' +
      '  write reboot beside limits, not in it\n',
  ],
  [
    'hosts.h41 = { configuration = "db"; limits = "60s"; };',
    'flurry: flurry.hosts.h41.limits must be a set, found "60s"\n',
  ],
  [
    'hosts.h42 = { configuration = "db"; confirmTimeout = 30; };',
    'flurry: flurry.hosts.h42.confirmTimeout must be within limits, found it beside them\n' +
      '  write limits.confirmTimeout = "30s"\n',
  ],
  [
    'hosts.h43 = { configuration = "db"; parallelBuilds = 2; };',
    'flurry: flurry.hosts.h43.parallelBuilds must be a setting of one host, found one of the whole run\n' +
      '  write flurry.defaults.parallelBuilds\n',
  ],
  [
    'hosts.h44 = { configuration = "db"; sshConfig = "ssh_config"; };',
    'flurry: flurry.hosts.h44.sshConfig must be a setting that a flake may have, found one of the command line\n' +
      '  give it as --ssh-config or FLURRY_SSH_CONFIG\n',
  ],
  [
    'hosts.h45 = { configuration = "db"; targetHost = "192.0.2.7"; };',
    'flurry: flurry.hosts.h45.targetHost must be a setting that flurry knows, found none of that name\n' +
      '  did you mean address?\n',
  ],
  [
    'hosts.h46 = { configuration = "db"; sshUser = "root"; };',
    'flurry: flurry.hosts.h46.sshUser must be a setting that flurry knows, found none of that name\n' +
      '  did you mean user?\n',
  ],
  [
    'hosts.h47 = { configuration = "db"; sshOpts = [ "-p" "22" ]; };',
    'flurry: flurry.hosts.h47.sshOpts must be a setting that flurry knows, found none of that name\n' +
      '  did you mean sshOptions?\n',
  ],
  [
    'hosts.h48 = { configuration = "db"; remoteBuild = true; };',
    'flurry: flurry.hosts.h48.remoteBuild must be a setting that flurry knows, found none of that name\n' +
      '  did you mean buildOn? It is "target" (the default) or "local"\n',
  ],
  [
    'hosts.h49 = { configuration = "db"; magicRollback = true; };',
    'flurry: flurry.hosts.h49.magicRollback must be a setting that flurry knows, found none of that name\n' +
      '  leave it out: a host that is not confirmed always puts itself back\n',
  ],
  [
    'hosts.h50 = { configuration = "db"; deployment.tags = [ "web" ]; };',
    'flurry: flurry.hosts.h50.deployment must be a setting that flurry knows, found none of that name\n' +
      '  write what is in it without deployment around it\n',
  ],
  [
    'hosts.h51 = { configuration = "db"; keys.token.text = "x"; };',
    'flurry: flurry.hosts.h51.keys must be a setting that flurry knows, found none of that name\n' +
      '  leave it out: flurry brings no secrets; sops-nix and agenix do\n',
  ],
  [
    'hosts.h52 = { configuration = "db"; adress = "192.0.2.7"; };',
    'flurry: flurry.hosts.h52.adress must be a setting that flurry knows, found none of that name\n' +
      '  did you mean address?\n',
  ],
  [
    'hosts.h53 = { configuration = "db"; colour = "red"; };',
    'flurry: flurry.hosts.h53.colour must be a setting that flurry knows, found none of that name\n' +
      '  there are user, port, address, configuration, tags, dependsOn, hostKeys, machineId, sshOptions, transport, elevate, specialisation, reboot, onInhibitor, ignoreUnits, allowDegraded, preActivateScript, confirm, onUnitFailure, onCheckFailure, ifRollbackFails, unattendedBoot, buildOn, checks, limits\n',
  ],
  [
    'hosts.h54 = { configuration = "db"; reboot = "if-needed"; };',
    'flurry: flurry.hosts.h54.reboot must be never where no flag asks for a reboot, unless it is known that the hosts boot without a person, found "if-needed"\n' +
      '  give it as a flag, or, if no host that it is written for waits for a disk passphrase, write unattendedBoot = true beside it\n',
  ],
  [
    'hosts.h55 = { configuration = "db"; onInhibitor = "boot-and-reboot"; };',
    'flurry: flurry.hosts.h55.onInhibitor must be refuse where no flag asks for a reboot, unless it is known that the hosts boot without a person, found "boot-and-reboot"\n' +
      '  give it as a flag, or, if no host that it is written for waits for a disk passphrase, write unattendedBoot = true beside it\n',
  ],
  [
    'hosts.h56 = { configuration = "db"; limits = { confirmTimeout = "2m"; confirmCap = "1m"; }; };',
    'flurry: flurry.hosts.h56.limits.confirmCap must be at least flurry.hosts.h56.limits.confirmTimeout, 2 min, found "1 min"\n' +
      '  write limits.confirmCap = "2m", or more\n',
  ],
  [
    'hosts.h57 = { configuration = "db"; limits.confirmTimeout = "20m"; };',
    'flurry: flurry.hosts.h57.limits.confirmCap must be at least flurry.hosts.h57.limits.confirmTimeout, 20 min, found "15 min"\n' +
      '  write limits.confirmCap = "20m", or more\n',
  ],
  [
    'hosts.h58 = { configuration = "db"; port = "22"; reboot = "always"; };',
    'flurry: flurry.hosts.h58.port must be a whole number from 1 to 65535, found "22"\n' +
      '  write 22 without quotes\n' +
      'flurry: flurry.hosts.h58.reboot must be never where no flag asks for a reboot, unless it is known that the hosts boot without a person, found "always"\n' +
      '  give it as a flag, or, if no host that it is written for waits for a disk passphrase, write unattendedBoot = true beside it\n',
  ],
  [
    'hosts.c01 = { configuration = "db"; checks = [ ]; };',
    'flurry: flurry.hosts.c01.checks must be a set, found [ ]\n' + '  like checks.site = { http = "https://…"; };\n',
  ],
  [
    'hosts.c02 = { configuration = "db"; checks.site = "https://web1/"; };',
    'flurry: flurry.hosts.c02.checks.site must be a set, like { unit = "nginx.service"; }, found "https://web1/"\n',
  ],
  [
    'hosts.c03 = { configuration = "db"; checks."a site" = { unit = "nginx.service"; }; };',
    'flurry: flurry.hosts.c03.checks."a site" must be a name of letters, digits, _ . and -, 64 at most, found "a site"\n',
  ],
  [
    'hosts.c04 = { configuration = "db"; checks.site = { timeout = "30s"; }; };',
    'flurry: flurry.hosts.c04.checks.site must be exactly one of unit, command, http, tcp, ping, found none\n' +
      '  a check of a host takes the place of that of all hosts, whole\n',
  ],
  [
    'hosts.c05 = { configuration = "db"; checks.site = { unit = "nginx.service"; http = "https://web1/"; }; };',
    'flurry: flurry.hosts.c05.checks.site must be exactly one of unit, command, http, tcp, ping, found unit and http\n' +
      '  make a check of each\n',
  ],
  [
    'hosts.c06 = { configuration = "db"; checks.site = { unit = "nginx.service"; status = 200; }; };',
    'flurry: flurry.hosts.c06.checks.site.status must be left out: it belongs to checks by http, found 200\n',
  ],
  [
    'hosts.c07 = { configuration = "db"; checks.site = { http = "https://web1/"; tryTimout = "5s"; }; };',
    'flurry: flurry.hosts.c07.checks.site.tryTimout must be a setting of a check, found none of that name\n' +
      '  did you mean tryTimeout?\n',
  ],
  [
    'hosts.c08 = { configuration = "db"; checks.site = { http = "web1/health"; }; };',
    'flurry: flurry.hosts.c08.checks.site.http must be a URL, like https://example.org/health, found "web1/health"\n' +
      '  did you mean "http://web1/health"?\n',
  ],
  [
    'hosts.c09 = { configuration = "db"; checks.site = { http = "ftp://web1/"; }; };',
    'flurry: flurry.hosts.c09.checks.site.http must be a URL, like https://example.org/health, found "ftp://web1/"\n',
  ],
  [
    'hosts.c10 = { configuration = "db"; checks.site = { http = "https://web1/"; from = "laptop"; status = [ 200 "404" ]; tls = false; }; };',
    'flurry: flurry.hosts.c10.checks.site.from must be one of host, coordinator, found "laptop"\n' +
      'flurry: flurry.hosts.c10.checks.site.status must be a status from 100 to 599, or a list of them, found [ 200 "404" ]\n' +
      'flurry: flurry.hosts.c10.checks.site.tls must be one of verified, unverified, found false\n',
  ],
  [
    'hosts.c11 = { configuration = "db"; checks.site = { http = "https://web1/"; body = "a\\nb"; }; };',
    'flurry: flurry.hosts.c11.checks.site.body must be a text on one line, of 500 characters at most, found "a\\nb"\n',
  ],
  [
    'hosts.c12 = { configuration = "db"; checks.web = { unit = "nginx"; activeFor = 10; }; };',
    'flurry: flurry.hosts.c12.checks.web.unit must be a unit name with its type, like nginx.service, found "nginx"\n' +
      '  did you mean nginx.service?\n' +
      'flurry: flurry.hosts.c12.checks.web.activeFor must be a duration with its unit, like 500ms, 15s, 10m, 3h or 1h30m, found 10\n' +
      '  did you mean "10s"?\n',
  ],
  [
    'hosts.c13 = { configuration = "db"; checks.web = { unit = "nginx.service"; activeFor = "2m"; }; };',
    'flurry: flurry.hosts.c13.checks.web.activeFor must be less than timeout, 1 min, found 2 min\n' +
      '  write timeout = "…" with more time, or a shorter activeFor\n',
  ],
  [
    'hosts.c14 = { configuration = "db"; checks.web = { unit = "nginx.service"; enable = "no"; retries = 0; when = "afterwards"; }; };',
    'flurry: flurry.hosts.c14.checks.web.enable must be true or false, found "no"\n' +
      'flurry: flurry.hosts.c14.checks.web.when must be one of after, before, both, found "afterwards"\n' +
      '  did you mean after?\n' +
      'flurry: flurry.hosts.c14.checks.web.retries must be a whole number from 1 to 1000, found 0\n',
  ],
  [
    'hosts.c15 = { configuration = "db"; checks.run = { command = "true"; }; };',
    'flurry: flurry.hosts.c15.checks.run.command must be a list, found "true"\n' + '  write [ "true" ]\n',
  ],
  [
    'hosts.c16 = { configuration = "db"; checks.run = { command = [ ]; }; };',
    'flurry: flurry.hosts.c16.checks.run.command must be a program, and its arguments behind it, found [ ]\n',
  ],
  [
    'hosts.c17 = { configuration = "db"; checks.run = { command = [ "/bin/x" 7 ]; }; };',
    'flurry: flurry.hosts.c17.checks.run.command[1] must be a string, found 7\n',
  ],
  [
    'hosts.c18 = { configuration = "db"; checks.db = { tcp = 5432; }; };',
    'flurry: flurry.hosts.c18.checks.db.tcp must be HOST:PORT, like localhost:5432 or [::1]:5432, found 5432\n' +
      '  did you mean "localhost:5432"?\n',
  ],
  [
    'hosts.c19 = { configuration = "db"; checks.db = { tcp = "::1:5432"; }; };',
    'flurry: flurry.hosts.c19.checks.db.tcp must be HOST:PORT, like localhost:5432 or [::1]:5432, found "::1:5432"\n' +
      '  write "[::1]:5432"\n',
  ],
  [
    'hosts.c20 = { configuration = "db"; checks.net = { ping = "-f192.0.2.1"; }; };',
    'flurry: flurry.hosts.c20.checks.net.ping must be a name or address, which begins with no dash, found "-f192.0.2.1"\n',
  ],
  [
    'hosts.c21 = { configuration = "db"; checks.net = { ping = "192.0.2.1"; timeout = "3s"; tryTimeout = "10s"; startDelay = "3s"; }; };',
    'flurry: flurry.hosts.c21.checks.net.tryTimeout must be at most timeout, 3 s, found 10 s\n' +
      '  write timeout = "…" with more time, or a shorter tryTimeout\n' +
      'flurry: flurry.hosts.c21.checks.net.startDelay must be less than timeout, 3 s, found 3 s\n' +
      '  write timeout = "…" with more time, or a shorter startDelay\n',
  ],
  [
    'hosts.c22 = { configuration = "db"; checks.net = { addres = "192.0.2.1"; }; };',
    'flurry: flurry.hosts.c22.checks.net.addres must be a setting of a check, found none of that name\n' +
      '  there are enable, when, startDelay, period, tryTimeout, timeout, retries, unit, activeFor, command, http, from, status, body, tls, tcp, ping\n' +
      'flurry: flurry.hosts.c22.checks.net must be exactly one of unit, command, http, tcp, ping, found none\n' +
      '  a check of a host takes the place of that of all hosts, whole\n',
  ],
  [
    'hosts.c23 = { configuration = "db"; checks.net = { url = "https://web1/"; }; };',
    'flurry: flurry.hosts.c23.checks.net.url must be a setting of a check, found none of that name\n' +
      '  did you mean http?\n' +
      'flurry: flurry.hosts.c23.checks.net must be exactly one of unit, command, http, tcp, ping, found none\n' +
      '  did you mean http?\n',
  ],
  [
    'hosts.c24 = { configuration = "db"; checks.site = { tcp = "localhost:22"; period = "0s"; }; };',
    'flurry: flurry.hosts.c24.checks.site.period must be a duration above zero, found "0s"\n',
  ],
  [
    'hosts."web 1" = { configuration = "web1"; };',
    'flurry: flurry.hosts."web 1" must be a name of letters, digits, _ - and single dots, found "web 1"\n' +
      '  name it otherwise; how it is reached is address = "…"\n',
  ],
  [
    'hosts.local = { configuration = "web1"; };',
    'flurry: flurry.hosts.local must be another name: local is this machine, found "local"\n' +
      '  name it otherwise; how it is reached is address = "…"\n',
  ],
  [
    'hosts.web3 = { };',
    'flurry: flurry.hosts.web3 must be named like one of the nixosConfigurations, found "web3"\n' +
      '  name it web1, or say configuration = "web1"\n',
  ],
  [
    'hosts.mail = { };',
    'flurry: flurry.hosts.mail must be named like one of the nixosConfigurations, found "mail"\n' +
      '  there are db, web1, web2: say which is its, configuration = "…"\n',
  ],
  [
    'hosts.web1 = "192.0.2.7";',
    'flurry: flurry.hosts.web1 must be a set, found "192.0.2.7"\n' + '  did you mean flurry.hosts.web1.address?\n',
  ],
  [
    'hosts.web2 = null;',
    'flurry: flurry.hosts.web2 must be a set, found null\n' + '  write { } where nothing is to be said\n',
  ],
  ['defaults.maxFailures = 2;', 'flurry: flurry.defaults.maxFailures must be a string, found 2\n' + '  write "2"\n'],
  [
    'defaults.waves = "1,25%";',
    'flurry: flurry.defaults.waves must be steps that end at all hosts, found "1,25%"\n' + '  add 100%: 1,25%,100%\n',
  ],
  [
    'hosts.h90 = { configuration = "db"; waves = "1,100%"; };',
    'flurry: flurry.hosts.h90.waves must be a setting of one host, found one of the whole run\n' +
      '  write flurry.defaults.waves\n',
  ],
  [
    'hosts.h91 = { configuration = "db"; dependsOn = "web1"; };',
    'flurry: flurry.hosts.h91.dependsOn must be a list, found "web1"\n' + '  write [ "web1" ]\n',
  ],
  [
    'hosts.h92 = { configuration = "db"; dependsOn = [ 1 ]; };',
    'flurry: flurry.hosts.h92.dependsOn[0] must be the name of a host, found 1\n',
  ],
];
