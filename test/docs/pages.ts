import { repositoryFiles } from '../repository/files.ts';

/** The pages about flurry: their commands are run. */
export const pages: readonly string[] = matching(/^(README\.md|docs\/[^/]+\.md)$/);

/** Those of examples, which are run by the tests of the examples (test/examples, test/demo). */
export const examplePages: readonly string[] = matching(/^examples\/.*\.md$/);

/** Those for people who work on it: only their links are followed. */
export const contributorPages: readonly string[] = matching(/^(CHANGELOG\.md|test\/.*\.md)$/);

function matching(pattern: RegExp): readonly string[] {
  return repositoryFiles()
    .filter((path) => pattern.test(path))
    .sort();
}
