const SHELLS = ['sh', 'bash', 'dash', 'ash', 'ksh', 'mksh', 'zsh'];

const baseName = (program: string): string => program.split('/').at(-1) ?? program;

const endsInC = (entrypoint: readonly string[]): boolean => /^-[A-Za-z]*c$/.test(entrypoint.at(-1) ?? '');

/** Whether it is a shell that takes its commands as one text: `bash -c`, `sh -xc`, `env A=1 bash -o pipefail -c`. */
export const takesScript = (entrypoint: readonly string[]): boolean =>
  endsInC(entrypoint) && entrypoint.slice(0, -1).some((word) => SHELLS.includes(baseName(word)));

/** An interpreter of another language that takes one text: it would run the first of several commands alone. */
export function takesProgramText(entrypoint: readonly string[]): boolean {
  const option = entrypoint.at(-1) ?? '';
  return entrypoint
    .slice(0, -1)
    .map(baseName)
    .some((word) =>
      /^(python|pypy)[\d.]*$/.test(word)
        ? endsInC(entrypoint)
        : /^(perl|ruby|node|Rscript|fish)$/.test(word) && /^-[A-Za-z]*[ec]$|^--eval$/.test(option),
    );
}
