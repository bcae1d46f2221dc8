export const shells = ['bash', 'zsh', 'fish'] as const;

/** The text of `flurry completion --help`. */
export const completionHelp = `flurry completion bash|zsh|fish

Prints what teaches your shell to complete verbs, options, their words, and the hosts of the flake in this folder or
of -f. To have it in every shell:
  bash  flurry completion bash > ~/.local/share/bash-completion/completions/flurry
        (without the package bash-completion, in ~/.bashrc: source <(flurry completion bash))
  zsh   flurry completion zsh > ~/.zfunc/_flurry
        (~/.zfunc is any folder of fpath, named before compinit in ~/.zshrc: fpath+=~/.zfunc)
  fish  flurry completion fish > ~/.config/fish/completions/flurry.fish
The names of hosts come from the flake as your Nix has it, without network, and are remembered for an hour or until
flake.nix, flake.lock or the git index changes, in ~/.cache/flurry (XDG_CACHE_HOME). Where a flake takes too long,
flurry alone, which lists them, remembers them as well.
`;
