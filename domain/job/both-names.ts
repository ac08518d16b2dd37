/** Variables of a job, each under Sortie's name and under dstack's, whose scripts then run unchanged. */
export const underBothNames = (values: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => [
      [`SORTIE_${name}`, value],
      [`DSTACK_${name}`, value],
    ]),
  );
