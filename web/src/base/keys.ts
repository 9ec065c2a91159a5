// SPDX-License-Identifier: GPL-3.0-or-later
// The keyboard: which keys are meant for the page, and where the focus goes when its element is gone.
import {useEffect} from "preact/hooks";

// Not what somebody types into a field, nor a shortcut of the browser.
export function isForPage(event: KeyboardEvent): boolean {
  const target = event.target as HTMLElement,
    box = target.tagName === "INPUT" && /^(checkbox|radio)$/.test((target as HTMLInputElement).type);
  return (
    !event.ctrlKey &&
    !event.metaKey &&
    !event.altKey &&
    (box || !/^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName))
  );
}

// Calls this for each such key while the component is there.
export function usePageKeys(work: (key: string, event: KeyboardEvent) => void): void {
  useEffect(() => {
    const key = (event: KeyboardEvent) => {
      if (isForPage(event)) work(event.key, event);
    };
    addEventListener("keydown", key);
    return () => removeEventListener("keydown", key);
  });
}

// Moves the focus into a box that opens, and back to where it was when the box is closed.
export function useFocusWithin(box: {current: HTMLElement | null}): void {
  useEffect(() => {
    const opener = document.activeElement as HTMLElement | null;
    (box.current?.querySelector("input, select, textarea, button") as HTMLElement | null)?.focus();
    return () => {
      if (opener?.isConnected) opener.focus();
    };
  }, []);
}

// Shows the part of the page with this id, as soon as it is there, and moves the focus to it.
export function reveal(id: string, tries = 30): void {
  const part = document.getElementById(id);
  if (part) {
    part.tabIndex = -1;
    part.focus({preventScroll: true});
    part.scrollIntoView();
  } else if (tries) setTimeout(() => reveal(id, tries - 1), 100);
}

// A key can remove the element that has the focus: a link that opens another page, a button that is used up. The focus
// is at the open tab then, or at the page as a whole, so that the next key begins there and not at the top.
let had = false;
addEventListener("keydown", () => (had = document.activeElement !== document.body), true);
addEventListener("keyup", () => {
  if (!had || document.activeElement !== document.body) return;
  const main = document.querySelector("main"),
    tab = main?.querySelector(".tabs [aria-current]") as HTMLElement | null;
  if (tab) tab.focus();
  else if (main) {
    main.tabIndex = -1;
    main.focus({preventScroll: true});
  }
});
