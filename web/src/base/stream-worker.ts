// SPDX-License-Identifier: GPL-3.0-or-later
// The one stream of all tabs, in a SharedWorker. A tab says {seq} to begin, {hidden} and {gone}.
import {Stream} from "./stream";

const stream = new Stream();
(self as unknown as {onconnect: (event: MessageEvent) => void}).onconnect = (event) => {
  const port = event.ports[0];
  port.onmessage = ({
    data,
  }: MessageEvent<{seq?: number; stays?: boolean; hidden?: boolean; gone?: boolean}>) => {
    if (data.seq !== undefined) stream.add(port, data.seq, (news) => port.postMessage(news), data.stays);
    if (data.hidden !== undefined) stream.hide(port, data.hidden);
    if (data.gone) stream.remove(port);
  };
};
