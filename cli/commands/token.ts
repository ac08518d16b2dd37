import { createHash, randomBytes } from 'node:crypto';
import { Command } from 'commander';
import { usage } from '../exit.ts';
import { out, printJson } from '../terminal/output.ts';
import { examples, withJson } from './asking.ts';

export const token = (): Command =>
  withJson(new Command('token'))
    .summary('make a token for a deployment')
    .description(
      'Makes a token for one more user of a deployment, and the hash that it is known by there. Neither is kept anywhere.',
    )
    .argument('<name>', 'who will use it: letters, digits, _ . @ -')
    .addHelpText('after', examples('sortie token alice'))
    .action((name: string, { json }: { readonly json?: true }) => {
      if (!/^[\w.@-]+$/.test(name))
        throw usage(`${JSON.stringify(name)} is no name: letters, digits, _ . @ - only`);
      const made = `sortie_${randomBytes(32).toString('base64url')}`;
      const sha256 = createHash('sha256').update(made).digest('hex');
      if (json) {
        printJson({ name, token: made, sha256, entry: `${name}:${sha256}` });
        return;
      }
      out.line(`token  ${made}`);
      out.line(`hash   ${name}:${sha256}`);
      out.line();
      out.line(`${name} keeps the token:   export SORTIE_TOKEN=…`);
      out.line('The deployment gets the hash:');
      out.line(`  sortie deploy --allow ${name}:…`);
    });
