// node page.mjs SHOWN.json PAGE.html: what is listed in the one becomes a page that needs nothing else.

import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const [, , source, target] = process.argv;
const made = await build({
  entryPoints: [join(here, "page.jsx")],
  bundle: true,
  write: false,
  outdir: here,
  format: "iife",
  jsx: "automatic",
  loader: { ".svg": "dataurl" },
  minify: true,
  logLevel: "error",
  define: { "process.env.NODE_ENV": '"production"' },
});
const code = made.outputFiles.find((file) => file.path.endsWith(".js")).text;
const style = made.outputFiles.find((file) => file.path.endsWith(".css"))?.text ?? "";
const inert = (text) => text.replaceAll("<", "\\u003c");
writeFileSync(
  target,
  `<!doctype html><meta charset="utf-8"><style>${style}${readFileSync(join(here, "page.css"), "utf8")}</style>` +
    `<div id="page"></div><script type="application/json" id="messages">${inert(readFileSync(source, "utf8"))}</script>` +
    `<script>${code.replaceAll("</script", "<\\/script")}</script>`,
);
