import { CommanderError } from 'commander';
import { commandTree } from './command-tree.ts';
import { Exit, Failure } from './exit.ts';
import { refuseSynonym } from './synonyms.ts';
import { err } from './terminal/output.ts';

const program = commandTree();
try {
  refuseSynonym(process.argv[2] ?? '', program);
  if (process.argv.length > 2) await program.parseAsync();
  else program.outputHelp();
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
