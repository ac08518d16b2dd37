import { fail, ok, type Result } from '../../../../domain/kernel/result.ts';
import type { Bundle, BundledContainer } from '../../contract.ts';
import type { Engine, Inside } from './engine.ts';
import { complaint, type Ended, runCli } from './run-cli.ts';

/** As a shell looks for it, with the job's own PATH if it has one. */
const LOOK = 'command -v "$1" >/dev/null || exit 127';

/** Whether what the commands start with can run there, told before anything does: their exit status would say it otherwise. */
export async function hasProgram(
  { engine, name }: { engine: Engine; name: string },
  { user, directory, env }: Inside,
  { shell, commands }: Bundle,
  { entrypoint }: BundledContainer,
): Promise<Result<null, string>> {
  const ofShell = entrypoint === null && commands.length > 0;
  const [program = 'sh'] = ofShell ? [shell] : (entrypoint ?? []);
  const argv = ofShell ? [program, '-c', ':'] : ['sh', '-c', LOOK, 'sh', program];
  const path = env.PATH === undefined || ofShell ? {} : { PATH: env.PATH };
  const line = engine.exec(name, { user, directory, env: path }, argv);
  if (!line.ok) return line;
  const ended = await runCli(line.value);
  if (ended.status === 0 && ended.cut === null) return ok(null);
  if (!isAbsent(ended)) return fail(`container ${name}: ${complaint(ended)}`);
  const otherwise = ofShell
    ? 'leave `shell` out, and `sh` runs the commands'
    : 'change the `entrypoint`, or leave it out';
  return fail(
    `container ${name}: its image has no \`${program}\`: ${otherwise}; or install it in the image, or in \`container.setup_script\``,
  );
}

const isAbsent = ({ status, err, out }: Ended): boolean =>
  (status === 127 || status === 126) && (err + out === '' || /not found|no such file/i.test(err + out));
