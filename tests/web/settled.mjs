// SPDX-License-Identifier: GPL-3.0-or-later
// When a page has nothing left to do: each question has its answer, each frame that it asked for has been drawn, and no
// short timer is open. Some pages always have something to do: after a while, that is accepted.

// For addInitScript: in the page, window.settled() waits until nothing is left to do.
export function unsettled() {
  const LONG_MS = 500,
    LIMIT_MS = 10000,
    FRAMES = 3, // without anything to do: a change of the size or the theme is told in the next one
    own = {},
    open = new Set(); // frames and timers
  let questions = 0;
  for (const name of ["fetch", "setTimeout", "clearTimeout", "requestAnimationFrame", "cancelAnimationFrame"])
    own[name] = window[name].bind(window);
  const answered = (promise) => {
    questions++;
    return promise.finally(() => questions--);
  };
  window.fetch = (...question) => answered(own.fetch(...question));
  for (const name of ["json", "text", "arrayBuffer", "blob"]) {
    const read = Response.prototype[name];
    Response.prototype[name] = function () {
      return answered(read.call(this));
    };
  }
  window.setTimeout = (work, ms = 0, ...more) => {
    if (ms >= LONG_MS) return own.setTimeout(work, ms, ...more);
    const id = own.setTimeout(() => {
      open.delete("timer " + id);
      work(...more);
    }, ms);
    open.add("timer " + id);
    return id;
  };
  window.clearTimeout = (id) => {
    open.delete("timer " + id);
    own.clearTimeout(id);
  };
  window.requestAnimationFrame = (draw) => {
    const id = own.requestAnimationFrame((now) => {
      open.delete("frame " + id);
      draw(now);
    });
    open.add("frame " + id);
    return id;
  };
  window.cancelAnimationFrame = (id) => {
    open.delete("frame " + id);
    own.cancelAnimationFrame(id);
  };
  window.settled = async () => {
    const due = performance.now() + LIMIT_MS;
    for (let idle = 0; idle < FRAMES && performance.now() < due; idle = questions || open.size ? 0 : idle + 1)
      await new Promise((next) => {
        own.requestAnimationFrame(next);
        own.setTimeout(next, 100); // of a page without frames
      });
  };
}

export async function settled(some) {
  while (
    !(await some
      .evaluate(() => window.settled().then(() => true))
      .catch((error) => {
        if (!/context was destroyed|navigat/.test(error.message)) throw error; // another document has come
      }))
  );
}
