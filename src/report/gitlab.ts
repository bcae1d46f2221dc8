import type { Ci, Section } from './ci.ts';

const eraseLine = '\u001b[0K';

/**
 * GitLab: sections between two lines that hold a carriage return and an escape sequence, which no text of a host keeps.
 * GitLab shows beside a section how long it took, by the times in the two lines.
 */
export const gitlab: Ci = {
  name: 'gitlab',
  opens: (section) => `${mark('start', section)}${section.title}`,
  closes: (section) => mark('end', section),
  harmless: (text) => text,
};

function mark(which: 'start' | 'end', { id, shown, began, ended }: Section): string {
  const seconds = Math.floor((which === 'start' ? began : ended) / 1000);
  const option = which === 'start' && shown === 'folded' ? '[collapsed=true]' : '';
  return `${eraseLine}section_${which}:${seconds}:${id}${option}\r${eraseLine}`;
}
