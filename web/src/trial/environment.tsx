// SPDX-License-Identifier: GPL-3.0-or-later
// Where and with what it ran: command, variables, code, host.
import {NOTHING, safe, size, word} from "../base/text";
import "./environment.css";

const SECRET = /key|token|secret|pass|pwd|cred|auth/i;

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

export function Environment({sweep, attempt}: {sweep: any; attempt: any}) {
  const spec = sweep.spec ?? {},
    code = sweep.code,
    host = (Array.isArray(sweep.hosts) ? sweep.hosts : []).find((h: any) => h.agent === attempt?.agent),
    command = spec.command ?? (spec.program ? ["${env}", "${interpreter}", "${program}", "${args}"] : null),
    env = Object.entries(spec.env ?? {});
  const rows: [string, string][] = [
    [
      "command",
      command
        ? [command]
            .flat()
            .map((w: unknown) => safe(String(w)))
            .join(" ")
        : NOTHING,
    ],
    ["program", spec.program ? safe(spec.program) : ""],
    ["folder", safe(sweep.workdir ?? "")],
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
    <section class="card">
      <header>
        <h2>Environment</h2>
      </header>
      <table class="values">
        <tbody>
          {rows
            .filter(([, text]) => text)
            .map(([name, text]) => (
              <tr>
                <td>{name}</td>
                <td>
                  <code>{text}</code>
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
    </section>
  );
}
