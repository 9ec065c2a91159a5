// SPDX-License-Identifier: GPL-3.0-or-later
import {signal} from "@preact/signals";
import {render} from "preact";
import {useRef, useState} from "preact/hooks";
import {begin, contact, last, lostSince, refused, session, signIn, signOut} from "./base/api";
import {ReportPage, Reports} from "./report/report";
import {isForPage, useFocusWithin} from "./base/keys";
import {Sweep} from "./sweep/sweep";
import {List} from "./list/list";
import {Agents} from "./agents/agents";
import {Link, Waiting, Wrong} from "./base/parts";
import {Trial} from "./trial/trial";
import {safe} from "./base/text";
import {clock, moment, zoneName, zones} from "./base/time";
import {go, show, up, where} from "./base/where";
import {Ask, FormBox} from "./act/panel";
import {linkOf, Moved, RunsLink, Runs} from "./runs/runs";
import "./style.css";

const help = signal(false);
export const theme = signal<string>("");

function themeRead(): string {
  try {
    return localStorage.getItem("theme") ?? "";
  } catch {
    return "";
  }
}
function themeSet(name: string): void {
  theme.value = name;
  if (name) document.documentElement.dataset.theme = name;
  else delete document.documentElement.dataset.theme;
  try {
    if (name) localStorage.setItem("theme", name);
    else localStorage.removeItem("theme");
  } catch {
    /* it lasts for this tab */
  }
}

function SignIn() {
  const [token, setToken] = useState(""),
    [busy, setBusy] = useState(false);
  return (
    <main class="sign-in">
      <h1>besom</h1>
      <form
        onSubmit={(e) => {
          e.preventDefault();
          setBusy(true);
          void signIn(token).finally(() => setBusy(false));
        }}
      >
        <label>
          A token of this controller
          <input
            type="password"
            autocomplete="off"
            value={token}
            onInput={(e) => setToken(e.currentTarget.value)}
            autofocus
            required
          />
        </label>
        <button disabled={busy}>Sign in</button>
        <Wrong text={refused.value} />
      </form>
      <p class="muted">
        On the controller's machine, <code>besom token create --scope viewer</code> makes one.{" "}
        <code>besom run</code> takes the link that it printed, which is in <code>page-link</code> of its
        store.
      </p>
    </main>
  );
}

function Help() {
  const keys = [
    ["/", "filter"],
    ["g s, g h", "list of sweeps"],
    ["g a", "agents"],
    ["g r", "runs of scripts that use wandb"],
    ["g p", "reports"],
    ["[ ]", "tabs"],
    ["j k", "next and previous row"],
    ["Enter", "open the trial"],
    ["x", "choose the trial"],
    ["c", "compare the chosen"],
    ["p", "pin the row"],
    ["e", "explain the selected trial, or the sweep"],
    ["l", "log of the selected trial"],
    ["t", "the chart as a table"],
    ["f", "failed only"],
    [".", "actions"],
    ["Esc", "closes what is open, ends the selection, leads back from a trial"],
    ["?", "this list"],
  ];
  const box = useRef<HTMLDivElement>(null);
  useFocusWithin(box);
  return (
    <div class="help" role="dialog" aria-label="keys" ref={box}>
      <table>
        {keys.map(([key, what]) => (
          <tr>
            <td>
              <kbd>{key}</kbd>
            </td>
            <td>{what}</td>
          </tr>
        ))}
      </table>
      <button
        onClick={() => {
          help.value = false;
        }}
      >
        Close
      </button>
    </div>
  );
}

// In which zone all times of the page are.
function Zone() {
  const all = zones.value,
    at = Math.max(0, all.indexOf(where.value.query.tz ?? "")),
    title = `times: ${zoneName(all[at])}${all[at] === "host" ? ", the controller's" : ""}`;
  return (
    <button class="plain" onClick={() => show({tz: all[(at + 1) % all.length]})} title={title}>
      {moment(Date.now() / 1000)
        .split(" ")
        .pop()}
    </button>
  );
}

function Head() {
  const me = session.value;
  return (
    <header class="top">
      <Link to="/" class="home">
        besom
      </Link>
      <nav aria-label="pages">
        <Link to="/" aria-current={where.value.path === "/" ? "page" : undefined}>
          sweeps
        </Link>{" "}
        <Link to="/agents" aria-current={where.value.path === "/agents" ? "page" : undefined}>
          agents
        </Link>{" "}
        <RunsLink />{" "}
        <Link to="/reports" aria-current={where.value.path.startsWith("/reports") ? "page" : undefined}>
          reports
        </Link>
      </nav>
      <span class="spring" />
      <span class={"contact " + contact.value} role="status">
        {contact.value === "live"
          ? "● live"
          : contact.value === "lost"
            ? `◌ no contact since ${clock(lostSince.value / 1000)}${me?.run ? ": besom run may have ended" : ""}, showing the last state`
            : contact.value === "ended"
              ? `■ besom run has ended; to view its results, run ${safe(last.serve ?? "besom serve")}`
              : ""}
      </span>
      <button
        class="plain"
        onClick={() => {
          help.value = !help.value;
        }}
        aria-label="keys"
        title="keys"
      >
        ?
      </button>
      <Zone />
      <button
        class="plain"
        onClick={() => themeSet(theme.value === "" ? "dark" : theme.value === "dark" ? "light" : "")}
        aria-label={`theme: ${theme.value || "as the system"}`}
        title={`theme: ${theme.value || "as the system"}`}
      >
        ◐
      </button>
      {me && (
        <button
          class="plain"
          onClick={() => void signOut()}
          title={`signed in as ${me.name ?? me.id}, scope ${me.scope}`}
        >
          sign out
        </button>
      )}
    </header>
  );
}

function App() {
  const path = where.value.path,
    parts = path.split("/"),
    link = linkOf(parts.slice(1).map(decodeURIComponent));
  if (session.value === undefined)
    return (
      <main>
        <Waiting what="the controller" />
        {contact.value === "lost" && <p class="error">The controller cannot be reached.</p>}
      </main>
    );
  if (session.value === null) return <SignIn />;
  return (
    <>
      <div class="over">
        <Head />
        <Ask />
      </div>
      {help.value && <Help />}
      <FormBox />
      {parts[1] === "s" ? (
        <Sweep key={path} id={decodeURIComponent(parts[2])} />
      ) : parts[1] === "t" ? (
        <Trial key={path} id={decodeURIComponent(parts[2])} />
      ) : parts[1] === "agents" ? (
        <Agents />
      ) : parts[1] === "reports" && parts[2] ? (
        <ReportPage key={path} id={decodeURIComponent(parts[2])} />
      ) : parts[1] === "reports" ? (
        <Reports />
      ) : parts[1] === "runs" ? (
        <Runs />
      ) : link ? (
        <Moved to={link} />
      ) : (
        <List />
      )}
    </>
  );
}

function levelUp(path: string): void {
  if (path.startsWith("/s/")) show({sel: ""}, false);
  else if (path.startsWith("/t/")) up("/s/" + path.slice(3).replace(/-\d+$/, ""));
  else if (path.startsWith("/runs/")) up(path.replace(/(\/runs\/[^/]+\/[^/]+)\/.*|\/[^/]+\/[^/]+$/, "$1"));
  else if (path !== "/") up("/");
}

const PAGES: Record<string, string> = {s: "/", h: "/", a: "/agents", r: "/runs", p: "/reports"};
let went = false;
addEventListener("keydown", (event) => {
  const target = event.target as HTMLElement;
  if (event.key === "Escape") {
    if (help.value) help.value = false;
    else if (/^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName)) {
      event.preventDefault(); // a search is left, not emptied
      target.blur();
    } else levelUp(where.value.path);
    return;
  }
  if (!isForPage(event)) return;
  const page = went && PAGES[event.key];
  went = event.key === "g";
  if (page) go(page);
  if (event.key === "?") help.value = !help.value;
  if (event.key === "/") {
    event.preventDefault();
    (document.getElementById("filter") as HTMLInputElement | null)?.focus();
  }
});

themeSet(themeRead());
render(<App />, document.getElementById("app")!);
void begin();
