import type { z } from 'zod';
import type { Option } from '../option.ts';
import { listOf, read, text } from './nix-values.ts';

/** Gives the schema that reads a value of Nix into what would be typed for an option; its own schema judges that. */
export function asTyped(option: Option): z.ZodType<string | readonly string[]> {
  switch (option.kind) {
    case 'boolean':
      return read<string>((value) =>
        typeof value === 'boolean' ? { value: String(value) } : { expected: 'true or false' },
      );
    case 'integer':
      return read<string>((value) => {
        if (typeof value === 'number' && Number.isInteger(value)) return { value: String(value) };
        const next = typeof value === 'string' && /^\d+$/.test(value) ? { next: 'write it without quotes' } : {};
        return { expected: 'a whole number', ...next };
      });
    case 'duration':
      return read<string>((value) => {
        if (typeof value === 'string') return { value };
        const next = typeof value === 'number' ? { next: `did you mean "${value}s"?` } : {};
        return { expected: 'a duration with its unit, like "15s" or "1h30m"', ...next };
      });
    case 'list':
      return listOf(text(() => undefined)) as unknown as z.ZodType<readonly string[]>;
    default:
      return text(() => undefined);
  }
}
