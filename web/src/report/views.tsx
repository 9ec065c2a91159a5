// SPDX-License-Identifier: GPL-3.0-or-later
// The menu of a sweep's saved views: names for addresses, kept on the controller.
import {useEffect, useRef, useState} from "preact/hooks";
import {barred} from "../act/act";
import {safe, ago} from "../base/text";
import {go, where} from "../base/where";
import {useAnswer} from "../base/asked";
import {Link, Missing, Wrong} from "../base/parts";
import {sweep} from "../sweep/model";
import {blocksOf, keep, NAME_MOST, queryOf, remove, report, Report, reports, SavedView, views} from "./pages";
import "./report.css";

const queryNow = (): string => new URLSearchParams(where.value.query).toString();

export function Views() {
  const [open, setOpen] = useState(false),
    [trouble, setTrouble] = useState(""),
    [naming, setNaming] = useState(""), // the id of the view that gets another name
    box = useRef<HTMLSpanElement>(null),
    id = sweep.value.id as string;
  const asked = useAnswer(open ? id : "", "", async (): Promise<[SavedView[], Report[]]> => {
      const [some, those] = await Promise.all([views(), reports()]);
      return [some.filter((v) => v.sweep === id), those];
    }),
    [list, all] = asked.answer ?? [null, []];
  const then = (work: Promise<unknown>) =>
    work
      .then(
        () => (setTrouble(""), asked.again()),
        (error) => setTrouble((error as Error).message),
      )
      .then(() => setNaming(""));
  useEffect(() => setOpen(false), [where.value]);
  useEffect(() => {
    if (!open) return;
    const away = (event: Event) => {
      if (!box.current?.contains(event.target as Node)) setOpen(false);
    };
    addEventListener("pointerdown", away);
    return () => removeEventListener("pointerdown", away);
  }, [open]);
  const intoReport = async (to: string) => {
    const block = {sweep: id, query: queryNow(), title: ""};
    try {
      const had = to ? await report(to) : null,
        saved = await keep("reports", {
          ...(had ?? {name: `Report on ${sweep.value.name || id}`}),
          body: {blocks: [...blocksOf(had?.body), block]},
        });
      go("/reports/" + saved.id);
    } catch (error) {
      setTrouble((error as Error).message);
    }
  };
  return (
    <span
      class="act-menu report-views"
      ref={box}
      onKeyDown={(e) => {
        if (e.key !== "Escape" || !open) return;
        e.stopPropagation();
        setOpen(false);
        box.current?.querySelector("button")?.focus();
      }}
    >
      <button class="plain" aria-haspopup="dialog" aria-expanded={open} onClick={() => setOpen(!open)}>
        Views ▾
      </button>
      {open && (
        <div role="dialog" aria-label="saved views" class="menu">
          <Wrong text={trouble} />
          <Missing of={asked} what="the views" low />
          {list?.length === 0 && <p class="muted">No saved view of this sweep yet.</p>}
          <ul>
            {list?.map((view) => (
              <li key={view.id}>
                {naming === view.id ? (
                  <form
                    onSubmit={(e) => {
                      e.preventDefault();
                      const name = new FormData(e.currentTarget).get("name") as string;
                      void then(keep("views", {...view, name}));
                    }}
                  >
                    <input
                      name="name"
                      aria-label="new name"
                      defaultValue={view.name}
                      maxLength={NAME_MOST}
                      required
                    />
                    <button>Rename</button>
                  </form>
                ) : (
                  <>
                    <Link
                      to={"/s/" + id}
                      query={queryOf(view.body.query)}
                      title={`by ${safe(view.by)}, ${ago(view.made)}`}
                    >
                      {safe(view.name)}
                    </Link>
                    {!barred.value && (
                      <>
                        <span class="spring" />
                        <button
                          class="plain"
                          aria-label={`rename ${view.name}`}
                          onClick={() => setNaming(view.id)}
                        >
                          rename
                        </button>
                        <button
                          class="plain"
                          aria-label={`delete ${view.name}`}
                          onClick={() => void then(remove("views", view))}
                        >
                          delete
                        </button>
                      </>
                    )}
                  </>
                )}
              </li>
            ))}
          </ul>
          {barred.value ? (
            <p class="muted">
              To save a view, {barred.value}. The address of this page is the view: keep that.
            </p>
          ) : (
            <>
              <form
                onSubmit={(e) => {
                  e.preventDefault();
                  const form = e.currentTarget,
                    name = new FormData(form).get("name") as string;
                  void then(
                    keep("views", {name, sweep: id, body: {query: queryNow()}}).then(() => form.reset()),
                  );
                }}
              >
                <input
                  name="name"
                  placeholder="a name for this view"
                  aria-label="name"
                  maxLength={NAME_MOST}
                  required
                />
                <button>Save</button>
              </form>
              <form
                onSubmit={(e) => {
                  e.preventDefault();
                  void intoReport(new FormData(e.currentTarget).get("report") as string);
                }}
              >
                <select name="report" aria-label="report">
                  <option value="">a new report</option>
                  {all.map((r) => (
                    <option value={r.id}>{safe(r.name)}</option>
                  ))}
                </select>
                <button>Add to report</button>
              </form>
            </>
          )}
        </div>
      )}
    </span>
  );
}
