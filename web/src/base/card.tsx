// SPDX-License-Identifier: GPL-3.0-or-later
// A part of a page with a name.
import {ComponentChildren} from "preact";

export const Card = ({
  name,
  notes,
  tools,
  children,
}: {
  name: string;
  notes?: ComponentChildren;
  tools?: ComponentChildren;
  children?: ComponentChildren;
}) => (
  <section class="card">
    <header>
      <h2>{name}</h2>
      {notes && <span class="muted">{notes}</span>}
      <span class="spring" />
      {tools}
    </header>
    {children}
  </section>
);
