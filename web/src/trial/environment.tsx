// SPDX-License-Identifier: GPL-3.0-or-later
// Where and with what it ran: command, variables, code, host.
import {NOTHING, safe, size, word} from "../base/text";
import {shellWord} from "../base/shell";
import {Card} from "../base/card";
import "./environment.css";

const SECRET = /key|token|secret|pass|pwd|cred|auth/i,
  HIDDEN = "…";

// The command as a shell would take it. A word after an option with the name of a secret is hidden, but parameters are not:
// the configuration shows them.
function commandText(words: string[], params: Record<string, unknown>) {
  let hide = false;
  return words
    .map((word) => {
      const [, name, value] = /^-*([\w.-]+)(=.*)?$/s.exec(word) ?? [],
        secret = name !== undefined && !(name in params) && SECRET.test(name),
        hidden = hide && !word.startsWith("-");
      hide = secret && word.startsWith("-") && value === undefined;
      return hidden
        ? HIDDEN
        : secret && value
          ? safe(word.slice(0, -value.length)) + "=" + HIDDEN
          : safe(shellWord(word));
    })
    .join(" ");
}

function Diff({text, cut}: {text: string; cut: boolean}) {
  return (
    <details>
      <summary>difference to the commit{cut ? ", cut" : ""}</summary>
      <pre class="diff">
        {text.split("\n").map((line) => (
          <span class={/^[+-](?![+-]{2})/.test(line) ? (line[0] === "+" ? "added" : "removed") : ""}>
            {safe(line) + "\n"}
          </span>
        ))}
      </pre>
    </details>
  );
}

function folder(sweep: any) {
  const at = safe(sweep.workdir ?? "");
  if (!at || at.startsWith("/")) return at;
  return at === "."
    ? "the agent's working directory (--workdir)"
    : `${at}, in the agent's working directory (--workdir)`;
}

export function Environment({trial, sweep, attempt}: {trial: any; sweep: any; attempt: any}) {
  const spec = sweep.spec ?? {},
    code = sweep.code,
    host = (Array.isArray(sweep.hosts) ? sweep.hosts : []).find((h: any) => h.agent === attempt?.agent),
    env = Object.entries(spec.env ?? {});
  const rows: [string, string][] = [
    [
      "command",
      Array.isArray(trial.command) ? commandText(trial.command.map(String), trial.params ?? {}) : NOTHING,
    ],
    ["program", spec.program ? safe(spec.program) : ""],
    ["folder", safe(attempt?.workdir ?? "") || folder(sweep)],
    ["$BESOM_DIR", safe(attempt?.dir ?? "")],
    [
      "agent",
      attempt
        ? `${safe(attempt.agent ?? NOTHING)}, slot${attempt.slots?.length > 1 ? "s" : ""} ${(attempt.slots ?? [attempt.slot]).join(", ")}`
        : "",
    ],
    ["GPUs", attempt?.gpus?.length ? safe(attempt.gpus.join(", ")) : attempt?.gpus ? "none" : ""],
    ["processors", attempt?.cpus ? String(attempt.cpus) : ""],
    ["memory", attempt?.memory ? `at most ${size(attempt.memory)}` : ""],
    [
      "commit",
      code?.commit
        ? `${safe(code.commit)}${code.branch ? ` on ${safe(code.branch)}` : ""}${code.dirty ? ", with changes" : ""}`
        : "",
    ],
    ["snapshot", code?.snapshot ? safe(code.snapshot) : ""],
    ["code there", host?.code ? safe(String(host.code)) : ""],
  ];
  return (
    <Card name="Environment">
      <table class="values">
        <tbody>
          {rows
            .filter(([, text]) => text)
            .map(([name, text]) => (
              <tr>
                <td>{name}</td>
                <td>
                  <code>
                    {text.split(" ").map((word, i) => [i ? " " : "", <span class="word">{word}</span>])}
                  </code>
                </td>
              </tr>
            ))}
          {env.map(([name, value]) => (
            <tr>
              <td>
                <code>{safe(name)}</code>
              </td>
              <td>{SECRET.test(name) ? <span class="muted">not shown</span> : <code>{word(value)}</code>}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {code?.diff && <Diff text={code.diff} cut={!!code.diff_cut} />}
      {!code && <p class="muted">No commit is known: its folder was not in a git repository.</p>}
    </Card>
  );
}
