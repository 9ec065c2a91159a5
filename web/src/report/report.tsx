// SPDX-License-Identifier: GPL-3.0-or-later
// Reports: text in Markdown beside views of sweeps, which are live while they are looked at, and a file to hand on.
import {Markdown} from "./markdown";
import {useEffect, useRef, useState} from "preact/hooks";
import {Fact, follow} from "../base/api";
import {useAnswer, useTrouble} from "../base/asked";
import {Link, look, Missing, useTitle, Waiting, Wrong} from "../base/parts";
import {ago, count, safe} from "../base/text";
import {moment} from "../base/time";
import {go} from "../base/where";
import {barred} from "../act/act";
import {cameraClose, Shot, Stage, take} from "./camera";
import {fileOf, fileSave} from "./export";
import {
  Block,
  blocksOf,
  isView,
  keep,
  NAME_MOST,
  queryOf,
  remove,
  report,
  Report,
  reports,
  SavedView,
  ViewBlock,
  views,
} from "./pages";
import "./report.css";

const SAVE_MS = 900, // after the last change
  AGAIN_MS = 10000; // a view whose sweep goes on is drawn anew so often

export function Reports() {
  const [trouble, setTrouble] = useState(""),
    asked = useAnswer("reports", "", reports),
    list = asked.answer;
  useTitle("reports");
  const make = () =>
    keep("reports", {name: "Untitled report", body: {blocks: [{text: "# Untitled report\n"}]}}).then(
      (made) => go("/reports/" + made.id),
      (error) => setTrouble((error as Error).message),
    );
  const drop = (r: Report) =>
    remove("reports", r)
      .catch((error) => setTrouble((error as Error).message))
      .then(asked.again);
  return (
    <main>
      <div class="report-tools">
        <h1>Reports</h1>
        <span class="spring" />
        <button
          aria-disabled={!!barred.value}
          title={barred.value || undefined}
          onClick={() => !barred.value && void make()}
        >
          New report
        </button>
      </div>
      <Wrong text={trouble} />
      <Missing of={asked} what="the reports" />
      {list?.length === 0 && (
        <div class="empty">
          <h2>No report yet</h2>
          <p>
            A report is text beside views of sweeps. Make one here, or on the page of a sweep by{" "}
            <em>Views ▾</em>, <em>Add to report</em>.
          </p>
        </div>
      )}
      {!!list?.length && (
        <div class="scroll" tabIndex={0} role="region" aria-label="reports">
          <table>
            <thead>
              <tr>
                <th>name</th>
                <th>changed</th>
                <th>by</th>
                <th>
                  <span class="unseen">delete</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {list.map((r) => (
                <tr key={r.id}>
                  <td>
                    <Link to={"/reports/" + r.id}>{safe(r.name)}</Link>
                  </td>
                  <td title={moment(r.changed)}>{ago(r.changed)}</td>
                  <td>{safe(r.changed_by)}</td>
                  <td>
                    {!barred.value && (
                      <button
                        class="plain"
                        aria-label={`delete ${r.name}`}
                        onClick={() => confirm(`Delete the report “${r.name}”?`) && void drop(r)}
                      >
                        delete
                      </button>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </main>
  );
}

function Nodes({nodes}: {nodes: HTMLElement[]}) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => box.current?.replaceChildren(...nodes), [nodes]);
  return <div ref={box} />;
}

function ViewShown({block, shot}: {block: ViewBlock; shot: Shot | undefined}) {
  const filter = queryOf(block.query).f;
  return (
    <figure class="report-view">
      <figcaption>
        <strong>{safe(block.title || shot?.sweep || block.sweep)}</strong>{" "}
        {shot && !shot.error && (
          <span class="muted">
            sweep {safe(shot.sweep)} · {count(shot.shown)} of {count(shot.of)} trials
            {filter ? ` · filter ${safe(filter)}` : ""} · {moment(shot.at / 1000)}
          </span>
        )}{" "}
        <Link class="no-export" to={"/s/" + block.sweep} query={queryOf(block.query)}>
          open
        </Link>
      </figcaption>
      {!shot ? (
        <Waiting what="the picture" />
      ) : shot.error ? (
        <p class="error" role="alert">
          This view cannot be shown: {shot.error}
        </p>
      ) : (
        <Nodes nodes={shot.nodes} />
      )}
    </figure>
  );
}

function AddView({add}: {add: (block: ViewBlock) => void}) {
  const [list, setList] = useState<SavedView[]>([]),
    [wrong, setWrong] = useState("");
  useEffect(() => {
    views().then(setList, () => {});
  }, []);
  return (
    <form
      class="report-tools"
      onSubmit={(e) => {
        e.preventDefault();
        const form = e.currentTarget,
          text = (new FormData(form).get("view") as string).trim(),
          saved = list.find((v) => v.id === text || v.name === text),
          m = /\/s\/([^/?#]+)(?:\?([^#]*))?/.exec(text);
        setWrong(saved || m ? "" : "not a saved view, and not the address of a sweep's page");
        if (saved) add({sweep: saved.sweep!, query: saved.body.query, title: saved.name});
        else if (m) add({sweep: decodeURIComponent(m[1]), query: m[2] ?? "", title: ""});
        if (saved || m) form.reset();
      }}
    >
      <input
        name="view"
        list="report-saved"
        aria-label="view"
        placeholder="a saved view, or the address of a view"
        size={44}
        required
      />
      <datalist id="report-saved">
        {list.map((v) => (
          <option value={v.name} />
        ))}
      </datalist>
      <button>Add view</button>
      {wrong && (
        <span class="error" role="alert">
          {wrong}
        </span>
      )}
    </form>
  );
}

export function ReportPage({id}: {id: string}) {
  const [name, setName] = useState(""),
    [blocks, setBlocks] = useState<Block[] | null>(null),
    [shots, setShots] = useState(new Map<Block, Shot>()),
    [editing, setEditing] = useState(-1),
    [trouble, setTrouble] = useTrouble(() => void load()),
    [status, setStatus] = useState(""),
    head = useRef<Report | null>(null),
    article = useRef<HTMLDivElement>(null),
    dirty = useRef(new Set<string>()),
    timer = useRef(0),
    making = useRef(false), // the file
    now = useRef<{name: string; blocks: Block[]}>({name: "", blocks: []});
  if (blocks) now.current = {name, blocks};

  const load = () =>
    report(id).then(
      (r) => {
        head.current = r;
        setName(r.name);
        setBlocks(blocksOf(r.body));
      },
      (error) => setTrouble((error as Error).message),
    );
  useEffect(() => {
    void load();
    const stop = follow((facts: Fact[]) => {
      for (const fact of facts) dirty.current.add(fact.kind === "reset" ? "*" : (fact.sweep ?? ""));
    });
    return () => {
      stop();
      if (timer.current) void save();
      cameraClose();
    };
  }, []);
  useTitle(name || "report");

  const shoot = async (some: ViewBlock[]): Promise<void> => {
    for (const block of some) {
      const shot = await take(block);
      setShots((had) => new Map(had).set(block, shot));
    }
  };
  // Those without a picture, and again those whose sweep has gone on.
  useEffect(() => {
    if (blocks) void shoot(blocks.filter(isView).filter((b) => !shots.has(b)));
  }, [blocks]);
  const seen = useRef(look.value);
  useEffect(() => {
    if (seen.current === look.value) return;
    seen.current = look.value;
    if (!making.current) void shoot(now.current.blocks.filter(isView)); // pictures in the other theme
  }, [look.value]);
  useEffect(() => {
    const again = setInterval(() => {
      if (document.hidden || !dirty.current.size) return;
      const changed = dirty.current;
      dirty.current = new Set();
      void shoot(
        now.current.blocks
          .filter(isView)
          .filter((b) => changed.has("*") || [...changed].some((s) => s && s.startsWith(b.sweep))),
      );
    }, AGAIN_MS);
    return () => clearInterval(again);
  }, []);

  const save = async (): Promise<void> => {
    clearTimeout(timer.current);
    timer.current = 0;
    const had = head.current;
    if (!had) return;
    setStatus("saving …");
    try {
      head.current = await keep("reports", {
        ...had,
        name: now.current.name.trim() || "Untitled report",
        body: {blocks: now.current.blocks},
      });
      setStatus("saved");
    } catch (error) {
      setStatus("not saved: " + (error as Error).message);
    }
  };
  const later = () => {
    setStatus("not saved yet");
    clearTimeout(timer.current);
    timer.current = window.setTimeout(() => void save(), SAVE_MS);
  };
  const change = (next: Block[]) => {
    setBlocks(next);
    later();
  };
  const put = (at: number, block: Block) => {
    const had = blocks![at],
      shot = shots.get(had);
    if (shot && isView(block)) setShots(new Map(shots).set(block, shot));
    change(blocks!.map((b, i) => (i === at ? block : b)));
  };
  const move = (at: number, by: number) => {
    const next = [...blocks!],
      [one] = next.splice(at, 1);
    next.splice(at + by, 0, one);
    setEditing(-1);
    change(next);
  };

  const fileMake = async (): Promise<void> => {
    const root = document.documentElement,
      theme = root.dataset.theme,
      some = blocks!.filter(isView),
      all: Shot[] = [];
    setEditing(-1);
    setStatus("drawing …");
    making.current = true;
    root.dataset.theme = "light";
    for (const block of some) all.push(await take(block));
    if (theme) root.dataset.theme = theme;
    else delete root.dataset.theme;
    setShots(new Map(some.map((block, i) => [block, all[i]])));
    await new Promise((done) => setTimeout(done, 100));
    fileSave(name, fileOf(name, article.current!, all));
    setStatus("the file is in your downloads");
    making.current = false;
    void shoot(theme === "light" ? [] : some);
  };

  if (!blocks)
    return (
      <main>
        <Missing of={trouble} has={blocks} what="the report" />
      </main>
    );
  const may = !barred.value,
    ready = blocks.every((b) => !isView(b) || shots.has(b));
  return (
    <main
      class="report"
      onKeyDown={(e) => {
        if (e.key !== "Escape" || editing < 0) return;
        e.stopPropagation();
        setEditing(-1);
      }}
    >
      <div class="report-tools">
        <Link to="/reports">Reports</Link>
        <span class="muted" role="status">
          {status}
        </span>
        <span class="spring" />
        {!may && <span class="muted">you may look: {barred.value}</span>}
        <button
          disabled={!ready}
          title="one HTML file with all pictures and data, which needs no network"
          onClick={() => void fileMake()}
        >
          Save as file
        </button>
        <button onClick={() => print()}>Print</button>
      </div>
      {may && (
        <input
          class="report-name"
          aria-label="name of the report"
          value={name}
          maxLength={NAME_MOST}
          onInput={(e) => {
            setName(e.currentTarget.value);
            later();
          }}
        />
      )}
      <div ref={article}>
        <h1 class={may ? "unseen" : ""}>{safe(name)}</h1>
        {blocks.length === 0 && (
          <p class="muted no-export">This report is empty: add text or a view below.</p>
        )}
        {blocks.map((block, at) => (
          <section class="report-block" key={at}>
            {isView(block) ? (
              <ViewShown block={block} shot={shots.get(block)} />
            ) : editing === at ? (
              <textarea
                aria-label="text in Markdown"
                class="no-export"
                value={block.text}
                onInput={(e) => put(at, {text: e.currentTarget.value})}
                ref={(e) => {
                  if (e && document.activeElement === document.body) e.focus();
                }}
              />
            ) : (
              <Markdown text={block.text} />
            )}
            {may && (
              <div class="report-tools no-export">
                {isView(block) ? (
                  <input
                    aria-label="title of the view"
                    placeholder="title"
                    value={block.title}
                    maxLength={NAME_MOST}
                    onInput={(e) => put(at, {...block, title: e.currentTarget.value})}
                  />
                ) : (
                  <button class="plain" onClick={() => setEditing(editing === at ? -1 : at)}>
                    {editing === at ? "done" : "edit"}
                  </button>
                )}
                <button class="plain" aria-label="move up" disabled={at === 0} onClick={() => move(at, -1)}>
                  ↑
                </button>
                <button
                  class="plain"
                  aria-label="move down"
                  disabled={at === blocks.length - 1}
                  onClick={() => move(at, 1)}
                >
                  ↓
                </button>
                <button
                  class="plain"
                  onClick={() => {
                    setEditing(-1);
                    change(blocks.filter((_, i) => i !== at));
                  }}
                >
                  remove
                </button>
              </div>
            )}
          </section>
        ))}
      </div>
      {may && (
        <div class="report-tools">
          <button
            onClick={() => {
              setEditing(blocks.length);
              change([...blocks, {text: ""}]);
            }}
          >
            Add text
          </button>
          <AddView add={(block) => change([...blocks, block])} />
        </div>
      )}
      <Stage />
    </main>
  );
}
