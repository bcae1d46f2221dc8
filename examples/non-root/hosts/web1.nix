# sudo asks deploy for no password: as `flurry --help privilege` prints it.
{
  security.sudo.extraRules = [
    {
      users = [ "deploy" ];
      commands = [ { command = "ALL"; options = [ "NOPASSWD" ]; } ];
    }
  ];

  environment.etc."greeting".text = "web1 serves the shop\n";
}
