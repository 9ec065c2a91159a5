// SPDX-License-Identifier: GPL-3.0-or-later
// Parameters that only repeat a trial: one value is not better than another, nor twice another.
export const isSeed = (name: string): boolean =>
  /seed$|(^|[._-])(random_state|repetition|replicate)$/i.test(name);
