/** One question to the simulator: may this role do this action on this resource? */
export interface Call {
  /** The logical id of the role. */
  readonly role: string;
  readonly action: string;
  readonly resource: string;
  readonly context: Readonly<Record<string, string | readonly string[]>>;
}

export const described = ({ role, action, resource, context }: Call): string =>
  `${role} ${action} ${resource}${Object.keys(context).length > 0 ? ` ${JSON.stringify(context)}` : ''}`;
