#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guide quotes the examples word for word, and its links have targets."""
import pathlib
import re
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[3]
READMES = [ROOT / "examples/README.md", ROOT / "examples/wandb/README.md", ROOT / "python/README.md"]
PAGES = sorted(ROOT.glob("docs/guide/*.md")) + READMES
QUOTE = re.compile(r"<!-- from (\S+) -->\n```\w+\n(.*?)```\n", re.DOTALL)
LINK = re.compile(r"\]\(([^)#]+)(?:#[^)]*)?\)")


class Guide(unittest.TestCase):
    def test_quotes(self):
        quotes = [(page, *quote) for page in PAGES for quote in QUOTE.findall(page.read_text())]
        marks = sum(page.read_text().count("<!-- from ") for page in PAGES)
        self.assertEqual(len(quotes), marks, "a mark without a code block right under it")
        self.assertGreater(len(quotes), 5)
        for page, name, text in quotes:
            with self.subTest(page=page.name, quotes=name):
                self.assertIn(text, (ROOT / name).read_text())

    def test_links(self):
        for page in PAGES:
            for link in LINK.findall(page.read_text()):
                if "://" not in link:
                    with self.subTest(page=page.name, link=link):
                        self.assertTrue((page.parent / link).exists())

    def test_every_example_is_listed(self):
        for spec in sorted(ROOT.glob("examples/**/sweep.yaml")):
            listed = (spec.parents[1] / "README.md").read_text()
            self.assertIn("(%s)" % spec.parent.name, listed)


if __name__ == "__main__":
    sys.exit(unittest.main())
