import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { FunctionDefinition } from '../service/deployment.ts';
import type { LogSink } from './log-sink.ts';

export type Handler = (event: unknown, context: object) => unknown;

const EXTENSIONS = ['.ts', '.mts', '.js', '.mjs', '.cjs'];

/**
 * Imports a function's module with that function's environment in `process.env`, as at Lambda's cold start.
 * All functions share one process and its module cache: what a shared module reads from the environment while it is
 * imported is what the first function had. Call it for one function at a time. Throws with the module's path.
 */
export async function loadHandler(
  definition: FunctionDefinition,
  serviceFile: string,
  log: LogSink,
): Promise<Handler> {
  const base = resolve(dirname(serviceFile), definition.module);
  const file = EXTENSIONS.map((extension) => base + extension).find((candidate) => existsSync(candidate));
  const where = `functions.${definition.name}.handler in ${serviceFile}`;
  if (file === undefined) throw new Error(`${where}: there is no ${base} with ${EXTENSIONS.join(', ')}`);
  const restore = overlay({
    ...definition.environment,
    AWS_LAMBDA_FUNCTION_NAME: definition.deployedName,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(definition.memoryMb),
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${definition.deployedName}`,
  });
  try {
    const module: unknown = await log.during(definition.name, () => import(pathToFileURL(file).href));
    const handler = (module as Record<string, unknown>)[definition.exported];
    if (typeof handler !== 'function')
      throw new Error(`${where}: ${file} exports no ${definition.exported}()`);
    if (handler.length > 2) {
      // Node 24's runtime: Runtime.CallbackHandlerDeprecated.
      throw new Error(
        `${where}: nodejs24.x calls no callbacks; make ${definition.exported} async, with two arguments`,
      );
    }
    return handler as Handler;
  } catch (cause) {
    throw new Error(`the function ${definition.name} does not load: ${String(cause)}`, { cause });
  } finally {
    restore();
  }
}

function overlay(variables: Readonly<Record<string, string>>): () => void {
  const before = Object.fromEntries(Object.keys(variables).map((name) => [name, process.env[name]]));
  Object.assign(process.env, variables);
  return () => {
    for (const [name, value] of Object.entries(before)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  };
}
