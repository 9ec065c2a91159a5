// SPDX-License-Identifier: GPL-3.0-or-later
// What a training left in its folder, from the agent that has it. Nothing of it is ever a document here: text is shown as
// text, PNG as a picture, and all else is saved.
import {useState} from "preact/hooks";
import {download} from "../base/chart";
import {filesAsk, stepOf} from "../base/files";
import {ago, safe, size as bytes} from "../base/text";
import {moment} from "../base/time";

const TEXT = 64 << 10,
  PNG = 4 << 20,
  SAVED = 64 << 20,
  PIECE = 192 << 10; // a multiple of 3: texts of base64 can be joined

export function Files({trial, attempt}: {trial: any; attempt: any}) {
  const [list, setList] = useState<any>(null),
    [shown, setShown] = useState<any>(null),
    [said, setSaid] = useState("");
  const ask = (query = "") => filesAsk(trial.sweep, trial.number, attempt.attempt, attempt.agent, query);
  const doing = (work: () => Promise<void>) => {
    setSaid("asking …");
    work().then(
      () => setSaid(""),
      (error) => setSaid(error.message),
    );
  };
  const read = async (path: string, most: number): Promise<string> => {
    for (let text = "", from = 0; ;) {
      const a = await ask(
        `&path=${encodeURIComponent(path)}&from=${from}&max=${Math.min(PIECE, most - from)}`,
      );
      text += a.bytes;
      if (a.end || a.to >= most || a.to - from < PIECE) return text;
      from = a.to;
    }
  };
  const bits = (text: string) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const preview = async ([path, size]: [string, number]) => {
    setShown(null);
    let text = await read(path, TEXT);
    if (text.startsWith("iVBORw0KGgo") && size <= PNG) {
      if (size > TEXT) text = await read(path, PNG);
      setShown({path, image: "data:image/png;base64," + text});
    } else {
      const words = new TextDecoder().decode(bits(text));
      setShown({path, words: words.includes("\0") ? null : words, cut: size > TEXT});
    }
  };
  return (
    <section class="card" id="files">
      <header>
        <h2>Files</h2>
        <button
          class="plain"
          onClick={() => doing(async () => setList(await ask()))}
          title="what the training saved in $BESOM_DIR"
        >
          {list ? "list again" : "list"}
        </button>
        <span class="muted" role="status">
          {safe(said)}
        </span>
      </header>
      {list && (
        <div class="scroll">
          <table class="values">
            <tbody>
              {list.rows.map((f: any) => (
                <tr>
                  <td>
                    <button class="plain" onClick={() => doing(() => preview(f))}>
                      {safe(f[0])}
                    </button>
                  </td>
                  <td>{stepOf(f[0]) && "step " + stepOf(f[0])}</td>
                  <td class="number">{bytes(f[1])}</td>
                  <td title={moment(f[2] / 1000)}>{ago(f[2] / 1000)}</td>
                  <td>
                    {f[1] <= SAVED ? (
                      <button
                        class="plain"
                        aria-label={"save " + safe(f[0])}
                        onClick={() =>
                          doing(async () =>
                            download(
                              f[0].split("/").pop(),
                              bits(await read(f[0], SAVED)),
                              "application/octet-stream",
                            ),
                          )
                        }
                      >
                        save
                      </button>
                    ) : (
                      <span class="muted">too large to save here</span>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {list && (list.left_out > 0 || !list.end || !list.rows.length) && (
        <p class="muted">
          {list.rows.length ? "" : "There are no files here. "}
          {list.left_out > 0 && `${list.left_out} left out: links, odd names, too deep or too many. `}
          {!list.end && "There is more in the folder."}
        </p>
      )}
      {shown && (
        <figure>
          <figcaption>{safe(shown.path)}</figcaption>
          {shown.image ? (
            <img src={shown.image} alt={safe(shown.path)} />
          ) : (
            <pre>{shown.words === null ? "not text" : shown.words.replace(/[^\n\t]+/g, safe)}</pre>
          )}
          {shown.cut && shown.words !== null && <p class="muted">its first 64 KiB</p>}
        </figure>
      )}
    </section>
  );
}
