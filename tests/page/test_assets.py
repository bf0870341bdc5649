# SPDX-License-Identifier: LGPL-2.1-or-later
"""What can be seen in the page's files without running them."""

import html.parser
import re
import xml.etree.ElementTree

import pytest

FORBIDDEN_IN_SCRIPTS = (
    r"\binnerHTML\b", r"\bouterHTML\b", r"\binsertAdjacentHTML\b", r"\bdocument\.write\b",
    r"\beval\b", r"\bnew Function\b", r"setAttribute\(\s*['\"](style|on\w+)['\"]", r"\bdebugger\b",
    r"https?://", r"console\.log",
)


class Page(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags = []
        self.inline = []
        self.inside = None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.inside = tag if tag in ("script", "style") else None

    def handle_endtag(self, tag):
        self.inside = None

    def handle_data(self, data):
        if self.inside and data.strip():
            self.inline.append(data)


def files(web, pattern):
    found = sorted(web.glob(pattern))
    assert found
    return found


def scripts(web):
    return files(web, "assets/*.js")


def test_resource_names_every_file_and_no_other(web):
    listed = [node.text for node in
              xml.etree.ElementTree.parse(web / "web.gresource.xml").iter("file")]
    present = [str(path.relative_to(web)) for path in web.rglob("*")
               if path.suffix in (".html", ".js", ".css", ".svg", ".json")]
    assert sorted(listed) == sorted(present)


@pytest.mark.parametrize("name", ["index.html", "camera.html"])
def test_page_holds_nothing_inline(web, name):
    page = Page((web / name).read_text())
    assert page.inline == []
    for tag, attrs in page.tags:
        assert "style" not in attrs, tag
        assert not [key for key in attrs if key.startswith("on")], tag


@pytest.mark.parametrize("name", ["index.html", "camera.html"])
def test_page_refers_to_files_that_exist(web, name):
    page = Page((web / name).read_text())
    up = "../" if name == "camera.html" else ""
    names = [attrs.get("src") or attrs.get("href") for tag, attrs in page.tags
             if tag in ("script", "link")]
    assert len(names) >= 3
    for each in names:
        assert each.startswith(f"{up}assets/"), each
        assert (web / each[len(up):]).is_file(), each


@pytest.mark.parametrize("name", ["index.html", "camera.html"])
def test_page_names_its_controls(web, name):
    page = Page((web / name).read_text())
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    for tag, attrs in page.tags:
        for key in ("for", "aria-labelledby"):
            assert key not in attrs or attrs[key] in ids, (tag, attrs)
    assert [attrs for tag, attrs in page.tags if tag == "html"] == [{"lang": "en"}]


def test_scripts_keep_to_what_the_policy_allows(web):
    for path in scripts(web):
        for pattern in FORBIDDEN_IN_SCRIPTS:
            assert not re.search(pattern, path.read_text()), (path.name, pattern)


def test_scripts_import_what_exists(web):
    for path in scripts(web):
        text = path.read_text()
        for names, source in re.findall(r"import \{([^}]*)\}\s+from '([^']+)';", text):
            assert re.fullmatch(r"\./[a-z0-9-]+\.js", source), (path.name, source)
            exported = (path.parent / source).read_text()
            for name in (each.strip() for each in names.split(",") if each.strip()):
                assert re.search(rf"export (async )?(const|class|function)\*? {name}\b|"
                                 rf"export async function\* {name}\b", exported), (path.name, name)
                assert len(re.findall(rf"\b{name}\b", text)) > 1, f"{path.name}: {name} is unused"


def test_scripts_say_what_they_know(web):
    for path in scripts(web):
        lines = path.read_text().splitlines()
        assert lines[0] == "// SPDX-License-Identifier: LGPL-2.1-or-later", path.name
        assert lines[1].startswith("// Knows "), path.name


def test_style_sheet_fetches_nothing(web):
    for path in files(web, "assets/*.css"):
        assert not re.search(r"url\(|@import", path.read_text()), path.name
