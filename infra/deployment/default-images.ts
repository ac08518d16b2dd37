import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import * as z from 'zod';

const SERVICE = new URL('../../serverless.yml', import.meta.url);
const Service = z.object({ params: z.object({ default: z.object({ images: z.string() }) }) });

/** The images by kind that a deployment without parameters of its own boots, as serverless.yml has them. */
export function defaultImages(): Record<string, string> {
  const { images } = Service.parse(parse(readFileSync(SERVICE, 'utf8'))).params.default;
  return Object.fromEntries(
    images.split(',').map((pair) => {
      const [kind = '', ...image] = pair.trim().split('=');
      return [kind, image.join('=')];
    }),
  );
}
