import { enableCompileCache } from 'node:module';

<<<<<<< HEAD
const program = new Command('sortie')
  .description('Runs jobs on EC2 with nothing always on.')
  .version(packageJson.version)
  .configureOutput({ outputError: (text, write) => write(err.paint.red(text)) })
  .addHelpText(
    'after',
    `\nStart here:\n  $ npm run demo\n  $ npm start\n  $ sortie apply -f examples/hello.yaml\n${EXIT_CODES}`,
  )
  .action(() => program.outputHelp());

for (const make of [apply, plan, ps, logs, stop, event, offer, instance, fleet, local, demo, verify, token]) {
  const command = make();
  program.addCommand(command.copyInheritedSettings(program));
}
for (const command of [program, ...program.commands])
  command
    .exitOverride()
    .showHelpAfterError(`see: sortie ${command === program ? '' : `${command.name()} `}--help`);

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = told(error);
}

/** Says what went wrong, and what to type next. A bug shows its stack: it is to be reported. */
function told(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? Exit.ok : Exit.usage;
  if (!(error instanceof Failure)) throw error;
  err.line(`${err.paint.red('error:')} ${error.message}`);
  if (error.next !== undefined) err.line(`  next: ${error.next}`);
  return error.exit;
}
=======
// Halves the time to the first word: 90 files of TypeScript are stripped and compiled once, not at every command.
enableCompileCache();
await import('./program.ts');
>>>>>>> cli
