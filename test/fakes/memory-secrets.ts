import type { Instant } from '../../domain/kernel/instant.ts';
import type { Secrets } from '../../domain/secrets/secrets.ts';

export interface MemorySecrets extends Secrets {
  /** How often values were read. */
  readonly reads: () => number;
}

/** Parameter Store in memory, behaving as the real one does: both pass test/infra/ssm's contract. */
export function memorySecrets(now: () => Instant = Date.now): MemorySecrets {
  const projects = new Map<string, Map<string, { value: string; set_at: Instant }>>();
  let reads = 0;
  const of = (project: string) => {
    const known = projects.get(project) ?? new Map<string, { value: string; set_at: Instant }>();
    projects.set(project, known);
    return known;
  };
  return {
    async set({ project, name }, value) {
      const created = !of(project).has(name);
      of(project).set(name, { value, set_at: now() });
      return created ? 'created' : 'replaced';
    },
    async remove({ project, name }) {
      return of(project).delete(name) ? 'removed' : 'missing';
    },
    async list(project, limit, from) {
      const after = from === undefined ? '' : /^after (\w+)$/.exec(from)?.[1];
      if (after === undefined) return 'bad-cursor';
      const all = [...of(project)].map(([name, { set_at }]) => ({ name, set_at }));
      const left = all.filter(({ name }) => name > after).sort((a, b) => (a.name < b.name ? -1 : 1));
      const items = left.slice(0, limit);
      return { items, ...(left.length > limit && { next: `after ${items.at(-1)?.name}` }) };
    },
    async missing(project, names) {
      return [...new Set(names)].filter((name) => !of(project).has(name));
    },
    async read(project, names) {
      reads++;
      return new Map(
        names.flatMap((name) => {
          const found = of(project).get(name);
          return found ? [[name, found.value] as const] : [];
        }),
      );
    },
    reads: () => reads,
  };
}
