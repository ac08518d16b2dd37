import { type EmbeddedOptions, startEmbedded } from '../../infra/local/embedded-sortie.ts';

// An embedded Sortie to be killed. Its one line on stdout says that it answers, and where.
const [dataDir, more = '{}'] = process.argv.slice(2);
if (dataDir === undefined)
  throw new Error('usage: sortie-process.ts <data folder> [<more options, as JSON>]');
const options: Partial<EmbeddedOptions> = JSON.parse(more);
const { url, token } = await startEmbedded({ port: 0, dataDir, ...options });
process.stdout.write(`${JSON.stringify({ url, token })}\n`);
