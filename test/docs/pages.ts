import { repositoryFiles } from '../repository/files.ts';

/** The pages for people who use flurry: their commands are run, their links followed. */
export const pages: readonly string[] = repositoryFiles()
  .filter((path) => /^(README\.md|docs\/[^/]+\.md|examples\/.*\.md)$/.test(path))
  .sort();

/** Those for people who work on it: only their links are followed. */
export const contributorPages: readonly string[] = repositoryFiles()
  .filter((path) => /^(CHANGELOG\.md|test\/.*\.md)$/.test(path))
  .sort();
