import type { Command } from 'commander';
import { wrongSecret } from '../../domain/secrets/secret.ts';
import { everyPage } from '../client/every-page.ts';
import { usage } from '../exit.ts';
import { secretTable } from '../show/secrets.ts';
import { err, out, printJson } from '../terminal/output.ts';
import { during } from '../terminal/progress.ts';
import { secretFrom } from '../terminal/secret-input.ts';
import { asking, type Common, clientFor, examples } from './asking.ts';

export const secret = (): Command =>
  asking('secret')
    .summary('set, list and delete the secrets that runs name')
    .description(
      'Keeps values for runs, which name them as ${{ secrets.NAME }} in env, registry_auth and container.env. ' +
        'Each submission gets the value of its time. Nothing shows a value.',
    )
    .addHelpText('after', examples('sortie secret set HF_TOKEN', 'sortie secret list'))
    .addCommand(set())
    .addCommand(list())
    .addCommand(remove())
    .action((_: Common, command: Command) => command.help());

const set = (): Command =>
  asking('set')
    .summary('give a secret its value')
    .description(
      'Reads the value from stdin, without one line end at its end, or asks for it without showing it.',
    )
    .argument('<name>', 'letters, digits and _')
    // Taken in to be refused below without being shown: commander quotes an argument that is too many.
    .argument('[value...]', 'never here: `ps` and the history of the shell would show it')
    .usage('[options] <name>')
    .addHelpText(
      'after',
      examples('sortie secret set HF_TOKEN', 'sortie secret set DEPLOY_KEY < ~/.ssh/deploy_key'),
    )
    .action(async (name: string, values: readonly string[], options: Common) => {
      if (values.length > 0)
        throw usage(
          'a value is not given as an argument, which `ps` and the history of the shell would show',
          `sortie secret set ${name}  # and type it, or < FILE`,
        );
      const client = clientFor(options);
      const value = await secretFrom(`Value of ${name}`);
      const [wrong, hint] = wrongSecret(value)?.split('\n') ?? [];
      if (wrong !== undefined) throw usage(`the value of ${name} ${wrong}`, hint);
      const done = await during('setting', client.setSecret(name, value));
      if (options.json) {
        printJson(done);
        return;
      }
      const now = done.outcome === 'created' ? 'is set' : 'has a new value, for submissions from now on';
      err.line(`secret ${name} ${now}. Use it: ${name}: \${{ secrets.${name} }}`);
    });

const list = (): Command =>
  asking('list')
    .summary('list the names of the secrets')
    .description('Lists the names of the secrets, and when each was set.')
    .addHelpText('after', examples('sortie secret list', 'sortie secret list --json'))
    .action(async (options: Common) => {
      const client = clientFor(options);
      const all = await during(
        'asking',
        everyPage(
          (cursor) => client.secrets({ limit: 200, cursor }),
          (page) => page.secrets,
        ),
      );
      const secrets = all.sort((one, other) => (one.name < other.name ? -1 : 1));
      if (options.json) printJson({ secrets });
      else if (secrets.length === 0) out.line('There is no secret yet: sortie secret set NAME');
      else for (const line of secretTable(secrets, out, Date.now())) out.line(line);
    });

const remove = (): Command =>
  asking('delete')
    .summary('delete a secret')
    .description('Deletes a secret. A run that names it fails when its next submission is prepared.')
    .argument('<name>', 'its name')
    .addHelpText('after', examples('sortie secret delete HF_TOKEN'))
    .action(async (name: string, options: Common) => {
      const deleted = await during('deleting', clientFor(options).deleteSecret(name));
      if (options.json) printJson(deleted);
      else err.line(`secret ${name} is deleted`);
    });
