import assert from "node:assert/strict";
import { test } from "node:test";
import { parseMarkdown } from "./markdown.js";

const text = (v) => ({ t: "text", v });
const paragraph = (...c) => ({ t: "paragraph", c });
const cases = {
  "paragraphs and styles": ["a **b** *c*\nd\n\n~~e~~ `f`", [paragraph(text("a "), { t: "bold", c: [text("b")] }, text(" "), { t: "italic", c: [text("c")] }, { t: "break" }, text("d")), paragraph({ t: "strike", c: [text("e")] }, text(" "), { t: "code", v: "f" })]],
  "headings": ["## Two ##", [{ t: "heading", level: 2, c: [text("Two")] }]],
  "lists in lists": ["- a\n  - b\n- c", [{ t: "list", ordered: false, start: 1, items: [{ c: [text("a"), { t: "list", ordered: false, start: 1, items: [{ c: [text("b")] }] }] }, { c: [text("c")] }] }]],
  "tasks": ["- [x] a\n- [ ] b", [{ t: "list", ordered: false, start: 1, items: [{ c: [text("a")], checked: true }, { c: [text("b")], checked: false }] }]],
  "ordered lists begin where they say": ["3. a\n4. b", [{ t: "list", ordered: true, start: 3, items: [{ c: [text("a")] }, { c: [text("b")] }] }]],
  "tables": ["| a | b |\n|---|:-:|\n| 1 | 2 |", [{ t: "table", head: [[text("a")], [text("b")]], rows: [[[text("1")], [text("2")]]] }]],
  "fences keep what is in them": ["```js\n**a**\n```", [{ t: "pre", v: "**a**" }]],
  "a fence that is still open": ["```\na", [{ t: "pre", v: "a" }]],
  "links": ["[a](https://b.c)", [paragraph({ t: "link", url: "https://b.c", c: [text("a")] })]],
  "escapes": ["\\*a\\*", [paragraph(text("*a*"))]],
  "markup is text": ["<b>x</b>", [paragraph(text("<b>x</b>"))]],
  "names with underscores": ["snake_case_name", [paragraph(text("snake_case_name"))]],
  "quotes": ["> a\n> b", [{ t: "quote", c: [paragraph(text("a"), { t: "break" }, text("b"))] }]],
};
for (const [name, [given, wanted]] of Object.entries(cases)) test(name, () => assert.deepEqual(parseMarkdown(given), wanted));

test("no text takes long", () => {
  const texts = ["*", "**a", "[", "[a](", "`", "- a\n", "> ", "|", "_a ", "# a\n", "~~", "  - a\n", "<"].map((part) => part.repeat(50_000));
  const gap = " ".repeat(4000);
  for (const line of [`${gap}-${gap}x`, `-${gap}-${gap}x`, `# a${gap}#${gap}x`, `-${gap}x`]) texts.push(`|\n${line}`);
  for (const given of texts) {
    const start = process.cpuUsage().user;
    parseMarkdown(given);
    assert.ok(process.cpuUsage().user - start < 20_000_000, given.slice(0, 20));
  }
});

test("a table has a line below its head that rules its columns", () => {
  const isTable = (line) => parseMarkdown(`|a|b|\n${line}`)[0].t === "table";
  for (const line of ["-", "|-|-|", " | :-: | --- | ", "--|:--", ":-|"]) assert.ok(isTable(line), line);
  for (const line of ["", "|", "||", "|-||", "- -", "|a|", "-x", ": -|-"]) assert.ok(!isTable(line), line);
});
