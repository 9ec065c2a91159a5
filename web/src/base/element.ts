// SPDX-License-Identifier: GPL-3.0-or-later
// What an element in a source becomes a call of (web/build.mjs).
export {createElement, Fragment} from "preact";
