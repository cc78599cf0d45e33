// node page.mjs MESSAGES.json PAGE.html: messages as [[title, body], …] become a page that needs nothing else.

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
  minify: true,
  logLevel: "error",
  define: { "process.env.NODE_ENV": '"production"' },
});
const code = made.outputFiles.find((file) => file.path.endsWith(".js")).text;
const style = made.outputFiles.find((file) => file.path.endsWith(".css"))?.text ?? "";
const inert = (text) => text.replaceAll("<", "\\u003c");
const own = `
  body { margin: 0; background: #fff; font-family: Lato, "Noto Sans", "Noto Sans CJK SC", sans-serif; }
  #page { padding: 4px 16px 16px; }
  .shown h2 { font: 600 12px sans-serif; color: #616061; margin: 18px 0 6px; border-top: 1px solid #ddd; padding-top: 10px; }
  .shown:first-child h2 { border-top: 0; }
`;
writeFileSync(
  target,
  `<!doctype html><meta charset="utf-8"><style>${style}${own}</style><div id="page"></div>` +
    `<script type="application/json" id="messages">${inert(readFileSync(source, "utf8"))}</script>` +
    `<script>${code.replaceAll("</script", "<\\/script")}</script>`,
);
