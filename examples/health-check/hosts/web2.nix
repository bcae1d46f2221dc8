{
  systemd.services.greeter = {
    description = "web2 serves the blog";
    wantedBy = [ "multi-user.target" ];
    script = ''
      echo "web2 serves the blog"
      exec sleep infinity
    '';
  };
}
