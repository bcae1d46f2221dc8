import { main } from '../../src/cli/main.ts';

// What bin/flurry.js does, from the sources.
process.exitCode = await main(process.argv.slice(2));
