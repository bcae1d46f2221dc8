import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild-wasm';

// Makes dist of src and of the packages that it uses: to find and read hundreds of modules is most of what starting cost.
// What is imported while the program runs stays a file of its own, so that it is loaded by whoever needs it.

/** ssh2 does without them: they are accelerators, which would have to be compiled for each machine. */
const leftOut = {
  name: 'left-out',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^cpu-features$|\.node$/ }, ({ path }) => ({ path, namespace: 'left-out' }));
    onLoad({ filter: /./, namespace: 'left-out' }, ({ path }) => ({
      contents: `throw new Error(${JSON.stringify(`${path} is not here`)});`,
    }));
  },
};

/** To import it makes Node open all standard streams; a program in the background that opens stdin may be stopped. */
const globalProcess = {
  name: 'global-process',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(?:node:)?process$/ }, ({ path }) => ({ path, namespace: 'global-process' }));
    onLoad({ filter: /./, namespace: 'global-process' }, () => ({ contents: 'module.exports = globalThis.process;' }));
  },
};

// The packages that are no ES modules ask for Node's own.
const forCommonJs = `import { createRequire as flurryCreateRequire } from 'node:module';
const require = flurryCreateRequire(import.meta.url), __filename = import.meta.filename, __dirname = import.meta.dirname;`;

const { metafile, outputFiles } = await build({
  entryPoints: ['src/cli/main.ts'],
  outdir: 'dist/cli',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  banner: { js: forCommonJs },
  plugins: [leftOut, globalProcess],
  metafile: true,
  write: false,
  logLevel: 'warning',
});

// As late as can be: others run what is there.
rmSync('dist', { recursive: true, force: true });
mkdirSync('dist/cli', { recursive: true });
for (const { path, contents } of outputFiles) writeFileSync(path, contents);

const packages = new Set(
  Object.values(metafile.outputs).flatMap(({ inputs }) =>
    Object.keys(inputs).flatMap(
      (path) => /^node_modules\/(?:.*\/node_modules\/)?(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? [],
    ),
  ),
);
writeFileSync(
  'dist/LICENSES.txt',
  [...packages]
    .sort()
    .map(licenceOf)
    .join(`\n${'-'.repeat(80)}\n\n`),
);

/** They may be passed on only with these words. */
function licenceOf(folder) {
  const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder).find((one) => /^(?:un)?licen[cs]e\b/i.test(one));
  if (file === undefined) throw new Error(`${folder} has no licence to pass on`);
  return `${name} ${version}\n\n${readFileSync(join(folder, file), 'utf8').trim()}\n`;
}
