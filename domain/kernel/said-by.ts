/** `by alice: kernel update`: an operator's word, as others are told it. */
export const saidBy = ({ by, reason }: { readonly by: string; readonly reason: string | null }): string =>
  `by ${by.replace(/^user:/, '')}${reason === null ? '' : `: ${reason}`}`;
