// SPDX-License-Identifier: GPL-3.0-or-later
// How likely each of several means is the best: the share of draws from what is known of them that it wins. The mean of n
// values has Student's t distribution with n - 1 degrees of freedom around the one that was seen. The seed is fixed.
interface Mean {
  values: number; // how many
  mean: number;
  sd: number;
}

const DRAWS = 2000,
  CANDIDATES = 60, // the best means; others win none
  NORMAL = 30; // degrees of freedom from which it is as good as normal

export const chanceText = (p: number): string => (p < 0.01 ? "under 1" : Math.round(100 * p)) + " %";

// NaN of a mean of fewer than two values; of all, where fewer than two have them.
export function chancesOf(means: Mean[], maximize: boolean): number[] {
  let state = 1;
  const uniform = () => {
      state = (state + 0x6d2b79f5) | 0;
      let t = Math.imul(state ^ (state >>> 15), 1 | state);
      t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
      return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    },
    normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
    student = (freedom: number) => {
      if (freedom > NORMAL) return normal();
      let sum = 0;
      for (let i = 0; i < freedom; i++) sum += normal() ** 2;
      return normal() / Math.sqrt(sum / freedom);
    };
  const sign = maximize ? 1 : -1,
    known = means.map((_, i) => i).filter((i) => means[i].values > 1),
    chances = means.map(({values}) => (values > 1 && known.length > 1 ? 0 : NaN)),
    tried = known.sort((a, b) => sign * (means[b].mean - means[a].mean)).slice(0, CANDIDATES);
  for (let draw = 0; draw < DRAWS && known.length > 1; draw++) {
    let best = -1,
      most = -Infinity;
    for (const i of tried) {
      const {mean, sd, values} = means[i],
        drawn = sign * (mean + (sd / Math.sqrt(values)) * student(values - 1));
      if (drawn > most) [best, most] = [i, drawn];
    }
    chances[best] += 1 / DRAWS;
  }
  return chances;
}
