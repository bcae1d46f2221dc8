export interface WorkflowCommand {
  readonly name: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly data: string;
}

const registered = new Set([
  ...['add-mask', 'add-matcher', 'add-path', 'debug', 'echo', 'endgroup', 'error', 'group', 'notice', 'remove-matcher'],
  ...['save-state', 'set-env', 'set-output', 'stop-commands', 'warning'],
]);

/** Finds in a job's output what the runner of GitHub Actions takes for commands, by the rules of its ActionCommand.cs. */
export function commandsIn(output: string): readonly WorkflowCommand[] {
  // .NET ends a line at a lone return as well.
  return output
    .split(/\r\n|\n|\r/)
    .flatMap(
      (line) =>
        commandOf(line.trimStart(), /^::(?<info>.*?)::(?<data>.*)$/) ??
        commandOf(line, /##\[(?<info>[^\]]*)\](?<data>.*)/) ??
        [],
    );
}

function commandOf(line: string, form: RegExp): WorkflowCommand | undefined {
  const { info = '', data = '' } = form.exec(line)?.groups ?? {};
  const [, name = '', rest = ''] = /^(\S*) ?(.*)$/.exec(info) ?? [];
  if (!registered.has(name.toLowerCase())) return undefined;
  const pairs = rest
    .split(',')
    .map((pair) => pair.split(/=(.*)/s, 2))
    .flatMap(([key, value]) => (key === undefined || value === undefined ? [] : [[key, unescaped(value)] as const]));
  return { name, properties: Object.fromEntries(pairs), data: unescaped(data) };
}

function unescaped(text: string): string {
  return text
    .replaceAll('%0D', '\r')
    .replaceAll('%0A', '\n')
    .replaceAll('%3A', ':')
    .replaceAll('%2C', ',')
    .replaceAll('%25', '%');
}
