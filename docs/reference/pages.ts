import { commandPage } from './command-page.ts';
import { configurationPage, editorSchema } from './configuration-pages.ts';

/** The pages of this folder that are made from the program, by file name. */
export const referencePages = (): ReadonlyMap<string, string> =>
  new Map([
    ['configuration.md', configurationPage()],
    ['commands.md', commandPage()],
    ['task.schema.json', `${JSON.stringify(editorSchema('task'), null, 2)}\n`],
    ['fleet.schema.json', `${JSON.stringify(editorSchema('fleet'), null, 2)}\n`],
  ]);
