/** `m7i.metal-24xl`, `c5.metal`: a whole machine, which boots as one. */
export const isBareMetal = (instanceType: string): boolean => instanceType.includes('.metal');

const QUICK_FROM = 7;

/**
 * Bare metal from before the 7th generation takes up to a quarter of an hour to boot (792 s have been measured), later ones a
 * few minutes. The generation is the number in the family's name: 5 of `c5n.metal`, 7 of `m7i.metal-24xl`.
 */
export const isSlowToBoot = (instanceType: string): boolean =>
  isBareMetal(instanceType) && Number(/\d+/.exec(instanceType)?.[0] ?? 0) < QUICK_FROM;
