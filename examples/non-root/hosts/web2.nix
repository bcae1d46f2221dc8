# sudo asks deploy for a password, which is set by hand: README.md.
{
  users.users.deploy.extraGroups = [ "wheel" ];

  environment.etc."greeting".text = "web2 serves the blog\n";
}
