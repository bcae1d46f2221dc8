/** A fenced block of a Markdown page. */
export interface Block {
  readonly language: string;
  readonly text: string;
  /** Of its opening fence, from 1. */
  readonly line: number;
  /** What comments directly before it say, by their first word: `exits`, `given`, `not run`. */
  readonly directives: ReadonlyMap<string, string>;
}

/** Gives the fenced blocks of a page, in their order. */
export function blocksOf(markdown: string): readonly Block[] {
  const fence = /^((?:<!-- [^\n]* -->\n)*)```([a-z]*)\n(.*?)^```$/gms;
  return [...markdown.matchAll(fence)].map(({ 1: comments = '', 2: language = '', 3: text = '', index }) => ({
    language,
    text,
    line: markdown.slice(0, index + comments.length).split('\n').length,
    directives: new Map(
      [...comments.matchAll(/^<!-- (exits|given|not run): (.*) -->$/gm)].map(([, name = '', value = '']) => [
        name,
        value,
      ]),
    ),
  }));
}

/** Gives the command lines of a block for the shell: a line that ends with a backslash goes on, comments are left out. */
export function commandsOf(block: Block): readonly string[] {
  return block.text
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'));
}

/** Gives a command line without what its output or input is led to. */
export function withoutRedirections(command: string): string {
  return command.replace(/ \d?[<>|].*/, '');
}

/** Gives each link of a page that leads into the repository: a path, empty for the page itself, and an anchor. */
export function linksOf(markdown: string): readonly { readonly path: string; readonly anchor: string | undefined }[] {
  return [...withoutBlocks(markdown).matchAll(/\]\((?![a-z]+:)([^)#\s]*)(?:#([^)\s]*))?\)/g)].map(
    ([, path = '', anchor]) => ({ path, anchor }),
  );
}

/** Gives the anchors of a page as GitHub makes them of its headings. */
export function anchorsOf(markdown: string): ReadonlySet<string> {
  const text = withoutBlocks(markdown);
  const seen = new Map<string, number>();
  const headings = [...text.matchAll(/^#{1,6} (.+)$/gm)].map(([, title = '']) => {
    const slug = title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-');
    const times = seen.get(slug) ?? 0;
    seen.set(slug, times + 1);
    return times === 0 ? slug : `${slug}-${times}`;
  });
  return new Set([...headings, ...[...text.matchAll(/<a id="([^"]+)">/g)].map(([, id = '']) => id)]);
}

/** Gives what stands between single backquotes in the text. */
export function inlineCodeOf(markdown: string): readonly string[] {
  return [...withoutBlocks(markdown).matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code);
}

function withoutBlocks(markdown: string): string {
  return markdown.replaceAll(/^```.*?^```$/gms, '');
}
