import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { TaskConfiguration } from '../domain/configuration/normalized.ts';
import type { Problem } from '../domain/configuration/problem.ts';
import { MAX_TEXT_BYTES, parseConfiguration } from '../domain/configuration/task.ts';
import { fail, ok, type Result } from '../domain/kernel/result.ts';
import { readUtf8 } from '../infra/yaml/utf8.ts';

type Written = Readonly<Record<string, unknown>>;

/**
 * The configuration with the content of its setup script, which lies beside `file` (or in the working directory, for
 * stdin). What is wrong with the script is said now, not when a node is paid for.
 */
export function withSetupScript(
  file: string,
  written: Written,
  task: TaskConfiguration,
): Result<{ readonly written: Written; readonly value: TaskConfiguration }, readonly Problem[]> {
  const script = task.container?.setup_script;
  if (script?.kind !== 'file') return ok({ written, value: task });
  const read = contentOf(resolve(file === '-' ? '.' : dirname(file), script.path), script.path);
  if (!read.ok) return fail([{ path: ['container', 'setup_script'], ...read.error }]);
  const container = {
    ...(written.container as Written),
    setup_script: { path: script.path, content: read.value },
  };
  const whole = { ...written, container };
  // Its text counts with the other text of the configuration.
  const parsed = parseConfiguration(whole);
  return parsed.ok ? ok({ written: whole, value: parsed.value }) : parsed;
}

type Wrong = Pick<Problem, 'message' | 'hint'>;

function contentOf(place: string, path: string): Result<string, Wrong> {
  const refuse = (message: string, hint?: string) => fail({ message, ...(hint !== undefined && { hint }) });
  try {
    const found = statSync(place);
    if (!found.isFile()) return refuse(`${path} is not a file`);
    if (found.size > MAX_TEXT_BYTES)
      return refuse(
        `${path} is ${Math.ceil(found.size / 1024)} KB; at most ${MAX_TEXT_BYTES / 1024} KB is taken`,
        'fetch large input in the script',
      );
    const text = readUtf8(readFileSync(place));
    if (text.ok) return text;
    const { line, column, message, hint } = text.error;
    return refuse(`${path}:${line}:${column}: ${message}`, hint);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT')
      return refuse(`there is no file ${path}`, `it is looked for beside the configuration: ${place}`);
    return refuse(`cannot read ${path}: ${code ?? String(error)}`);
  }
}
