# Completion of flurry for fish. What may stand at the cursor is asked of flurry, and nothing of its answer is evaluated.
function __flurry_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -e words[1]
    set -l answers (command flurry completion fish -- $words "$current" 2>/dev/null </dev/null)
    set -q answers[1]; or return
    set -l kind $answers[1]
    set -e answers[1]
    # The path alone, where it stands behind --flag=.
    set -l flag (string match -r -- '^--[^=]*=' "$current")
    set -l path (string replace -r -- '^--[^=]*=' '' "$current")
    switch $kind
        case files
            string join \n -- "$flag"(__fish_complete_path "$path")
        case directories
            string join \n -- "$flag"(__fish_complete_directories "$path")
        case words
            string join \n -- $answers
    end
end
complete -c flurry -f -a '(__flurry_complete)'
