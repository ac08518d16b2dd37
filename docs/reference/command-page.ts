import type { Command } from 'commander';
import { commandTree } from '../../cli/command-tree.ts';

const WIDTH = 100;

/** Every command with its help, as `--help` prints it. */
export function commandPage(): string {
  const sections = commandTree()
    .commands.flatMap((command) => [command, ...command.commands])
    .map(section);
  return `# Commands

Made from the program by \`npm run reference\`: what \`--help\` prints of each command.

${sections.join('\n')}`;
}

function section(command: Command): string {
  command.configureHelp({ ...command.configureHelp(), helpWidth: WIDTH });
  const name = command.parent?.parent ? `${command.parent.name()} ${command.name()}` : command.name();
  const mark = command.parent?.parent ? '###' : '##';
  return `${mark} ${name}\n\n\`\`\`\n${command.helpInformation({ error: false }).trimEnd()}\n\`\`\`\n`;
}
