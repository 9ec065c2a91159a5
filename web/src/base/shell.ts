// SPDX-License-Identifier: GPL-3.0-or-later
// Words as a shell reads them back.
export const shellWord = (text: string) =>
  /^[\w./:=+@%,-]+$/.test(text) ? text : `'${text.replace(/'/g, "'\\''")}'`;
