import * as z from 'zod';
import { quote } from './describe.ts';
import { mustBe } from './problem.ts';
import { text } from './text.ts';

/** dstack's list of clouds, any of which will do: it has to name the only one that Sortie has. */
export const backends = z
  .array(text('the name of a backend'), { error: mustBe('a list of backends', 'write [aws]') })
  .refine((names) => names.includes('aws'), {
    error: ({ input }) => {
      const [first, ...others] = input as string[];
      const named = [first, ...others.slice(0, 4)].map((name) => quote(`${name}`)).join(', ');
      return first === undefined
        ? 'names no backend\nleave it out, or write [aws]'
        : `${named} ${others.length > 0 ? 'are' : 'is'} not supported: every run goes to EC2\nadd aws, or leave the field out`;
    },
  });
