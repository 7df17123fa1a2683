// More than two answers: places given one after another, and the ranks that they make. Pure.

/** Positions on the page in the order in which they were chosen, best first. One that is chosen again goes out. */
export function choose(order: readonly number[], position: number): number[] {
  return order.includes(position) ? order.filter((other) => other !== position) : [...order, position];
}

/** Ranks per response; `shown` says which response stands at a position. What was not chosen is last, and equal. */
export function ranksOfOrder(order: readonly number[], shown: readonly number[]): number[] {
  const ranks = shown.map(() => order.length + 1);
  for (const [place, position] of order.entries()) {
    const response = shown[position];
    if (response !== undefined) ranks[response] = place + 1;
  }
  return ranks;
}

/** The order that gives these ranks: what is alone at its place, best first, up to the first that are equal. */
export function orderOfRanks(ranks: readonly number[] | null, shown: readonly number[]): number[] {
  if (!ranks) return [];
  const order: number[] = [];
  const sorted = [...new Set(ranks)].sort((a, b) => a - b);
  for (const rank of sorted) {
    const holders = shown.flatMap((response, position) => (ranks[response] === rank ? [position] : []));
    const [only] = holders;
    if (holders.length !== 1 || only === undefined) break;
    order.push(only);
  }
  return order;
}
