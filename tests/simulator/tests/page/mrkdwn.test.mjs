import assert from "node:assert/strict";
import { test } from "node:test";
import { escape, parseMrkdwn, parsePlain, safeUrl, unescape } from "./mrkdwn.js";

const text = (v) => ({ t: "text", v });
const cases = {
  "styles": ["*b* _i_ ~s~ `c*c*`", [{ t: "bold", c: [text("b")] }, text(" "), { t: "italic", c: [text("i")] }, text(" "), { t: "strike", c: [text("s")] }, text(" "), { t: "code", v: "c*c*" }]],
  "styles within words are text": ["a*b*c 2*3*4 snake_case_name", [text("a*b*c 2*3*4 snake_case_name")]],
  "nested styles": ["*a _b_*", [{ t: "bold", c: [text("a "), { t: "italic", c: [text("b")] }] }]],
  "an open style is text": ["*never closed", [text("*never closed")]],
  "entities are what they stand for": ["&lt;b&gt; &amp;amp;", [text("<b> &amp;")]],
  "references": ["<@U1> <#C1|general> <!here> <!subteam^S1|@team>", [{ t: "user", id: "U1", label: null }, text(" "), { t: "channel", id: "C1", label: "general" }, text(" "), { t: "broadcast", name: "here" }, text(" "), { t: "usergroup", id: "S1", label: "@team" }]],
  "links": ["<https://a.b/?x=1&amp;y=2|l*b*>", [{ t: "link", url: "https://a.b/?x=1&y=2", c: [text("l*b*")] }]],
  "markup is text": ["<img src=x onerror=alert(1)>", [text("<img src=x onerror=alert(1)>")]],
  "a quote, and what follows it": ["&gt; a\n&gt; b\nc", [{ t: "quote", c: [text("a"), { t: "break" }, text("b")] }, text("c")]],
  "a fence": ["x\n```\n*a*\n```\ny", [text("x"), { t: "break" }, { t: "pre", v: "*a*" }, text("y")]],
  "emoji, and no times": ["at 10:30:45 :tada:", [text("at 10:30:45 "), { t: "emoji", name: "tada" }]],
  "dates": ["<!date^1700000000^{date}^https://a.b|then>", [{ t: "date", label: "then", url: "https://a.b" }]],
};
for (const [name, [given, wanted]] of Object.entries(cases)) test(name, () => assert.deepEqual(parseMrkdwn(given), wanted));

test("plain text has emoji alone", () => {
  assert.deepEqual(parsePlain("*a* <@U1> :x:"), [text("*a* <@U1> "), { t: "emoji", name: "x" }]);
  assert.deepEqual(parsePlain(":x:", false), [text(":x:")]);
});

test("only http, https and mailto are followed", () => {
  for (const address of ["javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "file:///etc/passwd", "vbscript:x", "//a.b", "nothing", " javascript:alert(1)", "java\nscript:alert(1)", "blob:https://a.b/c"]) assert.equal(safeUrl(address), null, address);
  for (const address of ["https://a.b/", "http://a.b/", "mailto:a@b.c"]) assert.equal(safeUrl(address), address);
});

test("what is escaped comes back", () => assert.equal(unescape(escape("<a & b> &lt;")), "<a & b> &lt;"));

test("no text takes long", () => {
  for (const part of ["*", "_a", "*a ", "`", "<", "<<", "```", "&gt; *a", ":a", "~*_", "<@U1|"]) {
    const start = process.cpuUsage().user;
    parseMrkdwn(part.repeat(50_000));
    assert.ok(process.cpuUsage().user - start < 20_000_000, part);
  }
});
