/** Something of Sortie that is checked against software which is not Sortie's. */
export interface Check {
  readonly name: string;
  run(): Promise<Verdict>;
}

export interface Verdict {
  /** The tool, its version, and how much it was given: "cfn-lint 1.58.0: 14 templates, 36 regions". */
  readonly checked: string;
  /** One line each; none: the check passed. */
  readonly findings: readonly string[];
}
