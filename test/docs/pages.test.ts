import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { test } from 'node:test';
import { root, textOf } from '../repository/files.ts';
import { anchorsOf, blocksOf, linksOf } from './markdown.ts';
import { contributorPages, examplePages, pages } from './pages.ts';

const hasNix = existsOnPath('nix-instantiate');
const read = [...pages, ...examplePages];
const blocks = read.flatMap((page) => blocksOf(textOf(page)).map((block) => ({ page, ...block })));

for (const page of [...read, ...contributorPages]) {
  test(`${page} links to nothing that is not there, be it a page or a place in one`, () => {
    const lost = linksOf(textOf(page)).filter(({ path, anchor }) => {
      const target = normalize(path === '' ? page : join(dirname(page), path));
      if (!existsSync(join(root, target))) return true;
      return anchor !== undefined && !anchorsOf(textOf(target)).has(anchor);
    });
    assert.deepEqual(lost, []);
  });
}

test('every page of docs is in its index', () => {
  const linked = new Set(linksOf(textOf('docs/README.md')).map(({ path }) => `docs/${path}`));
  const missing = pages.filter((page) => /^docs\/(?!README)/.test(page) && !linked.has(page));
  assert.deepEqual(missing, []);
});

test('a block says its language: sh is run, nix and json are read, text is to look at', () => {
  const languages = new Set(['sh', 'nix', 'json', 'yaml', 'text']);
  const others = blocks.filter(({ language }) => !languages.has(language));
  assert.deepEqual(
    others.map(({ page, line, language }) => `${page}:${line}: ${language}`),
    [],
  );
});

for (const { page, line, text } of blocks.filter(({ language }) => language === 'nix')) {
  test(`${page}:${line}: Nix can read it`, { skip: hasNix ? false : 'needs nix-instantiate' }, () => {
    // Either a whole expression or what stands in a module.
    const parses = [text, `{\n${text}\n}`].some((expression) => isNix(expression));
    assert.ok(parses, text);
  });
}

for (const { page, line, text } of blocks.filter(({ language }) => language === 'json')) {
  test(`${page}:${line}: each line, or the whole, is JSON`, () => {
    const isJson = (one: string): boolean => {
      try {
        JSON.parse(one);
        return true;
      } catch {
        return false;
      }
    };
    assert.ok(isJson(text) || text.trim().split('\n').every(isJson), text);
  });
}

test('few blocks of commands are not run, and each says why', () => {
  const notRun = blocks.flatMap(({ page, line, directives }) => {
    const why = directives.get('not run');
    return why === undefined ? [] : [`${page}:${line}: ${why}`];
  });
  for (const one of notRun) assert.match(one, /: .{20,}$/);
  assert.ok(notRun.length <= 8, `${notRun.length} are not run:\n${notRun.join('\n')}`);
});

test('a comment before a block that says nothing about it is no directive with a typing mistake', () => {
  const strange = read.flatMap((page) =>
    [...textOf(page).matchAll(/^<!-- (.*) -->\n(?=```)/gm)]
      .map(([, comment = '']) => comment)
      .filter((comment) => !/^(exits|given|not run|screen): \S/.test(comment))
      .map((comment) => `${page}: ${comment}`),
  );
  assert.deepEqual(strange, []);
});

function isNix(expression: string): boolean {
  try {
    execFileSync('nix-instantiate', ['--parse', '--expr', expression], { stdio: 'pipe' });
    return true;
  } catch {
    return false;
  }
}

function existsOnPath(name: string): boolean {
  return (process.env['PATH'] ?? '').split(':').some((folder) => existsSync(join(folder, name)));
}
