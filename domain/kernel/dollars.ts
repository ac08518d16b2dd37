/** `$0.0050`, `$1.2120`, `$20.00`: whole cents with two decimals, anything else with four. */
export function dollars(amount: number): string {
  if (amount > 0 && amount < 0.0001) return '<$0.0001';
  return `$${amount.toFixed(4).replace(/00$/, '')}`;
}
