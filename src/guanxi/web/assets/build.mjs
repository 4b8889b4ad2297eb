// Builds everything the browser loads into ../static/guanxi: scripts, styles, fonts and the icon sprite.
// Fails in words when a template or a declaration names an icon that icons.txt does not list.

import { copyFile, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { PurgeCSS } from "purgecss";

const here = dirname(fileURLToPath(import.meta.url));
const web = dirname(here);
const source = dirname(web);
const output = join(web, "static", "guanxi");
const modules = join(here, "node_modules");

async function* files(folder, wanted) {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (!["node_modules", "static", "__pycache__", "migrations"].includes(entry.name)) yield* files(path, wanted);
    } else if (wanted.test(entry.name)) {
      yield path;
    }
  }
}

async function texts(folder, wanted) {
  const found = [];
  for await (const path of files(folder, wanted)) found.push({ path, raw: await readFile(path, "utf8") });
  return found;
}

/** Icons named by templates (`icon("x")`), pages in Python (`icon("x")`) and declarations (`icon = "x"`, `Action(…, "x"`). */
function iconsNamed(sources) {
  const named = new Map();
  const patterns = [/\bicon\(\s*"([a-z0-9-]+)"/g, /^\s+icon(?:: [^=]+)? = "([a-z0-9-]+)"/gm, /\bicon="([a-z0-9-]+)"/g];
  const actions = /Action\(\s*"[a-z_]+",\s*Label\("[^"]*",\s*"[^"]*"\),\s*"([a-z0-9-]+)"/g;
  for (const { path, raw } of sources) {
    for (const pattern of [...patterns, actions]) {
      for (const match of raw.matchAll(pattern)) if (!named.has(match[1])) named.set(match[1], path);
    }
  }
  return named;
}

/** The names in icons.txt; an error in words when a page or a declaration uses another. */
async function listedIcons() {
  const listed = (await readFile(join(here, "icons.txt"), "utf8")).split(/\s+/).filter(Boolean);
  const sources = [...(await texts(join(web, "templates"), /\.html$/)), ...(await texts(source, /\.py$/))];
  const missing = [...iconsNamed(sources)].filter(([name]) => !listed.includes(name));
  if (missing.length) {
    const lines = missing.map(([name, path]) => `  ${name} (${relative(source, path)})`);
    throw new Error(`Add these icons to src/guanxi/web/assets/icons.txt:\n${lines.join("\n")}`);
  }
  return listed;
}

async function sprite(listed) {
  const symbols = [];
  for (const name of listed) {
    const [base, set] = name.endsWith("-filled") ? [name.slice(0, -7), "filled"] : [name, "outline"];
    const path = join(modules, "@tabler", "icons", "icons", set, `${base}.svg`);
    const svg = await readFile(path, "utf8").catch(() => {
      throw new Error(`icons.txt lists “${name}”, which Tabler does not have.`);
    });
    const inner = svg.replace(/<!--[\s\S]*?-->/g, "").replace(/^[\s\S]*?<svg[^>]*>|<\/svg>\s*$/g, "").replace(/\s+/g, " ");
    symbols.push(`<symbol id="${name}" viewBox="0 0 24 24">${inner.replace(/<path stroke="none"[^>]*>/g, "").trim()}</symbol>`);
  }
  await writeFile(join(output, "icons.svg"), `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>`);
}

/** Classes whose look is ours alone: Tabler's rules for the same names are left out. */
async function ownClasses() {
  const shared = /^(btn|form-|is-invalid)/;
  const own = new Set();
  for (const { raw } of await texts(join(here, "css"), /\.css$/)) {
    for (const [, name] of raw.matchAll(/\.([a-z][\w-]*)/gi)) if (!shared.test(name)) own.add(name);
  }
  return [...own];
}

/** What our pages use of Tabler, and nothing else. */
async function tabler() {
  const content = [...(await texts(join(web, "templates"), /\.html$/)), ...(await texts(join(here, "ts"), /\.ts$/))];
  content.push(...(await texts(web, /\.py$/)));
  const css = (await readFile(join(modules, "@tabler", "core", "dist", "css", "tabler.css"), "utf8"))
    .replace(/\/\*# sourceMappingURL=.*?\*\//g, "")
    .replace(/^@charset[^;]*;/, "");
  const [result] = await new PurgeCSS().purge({
    content: content.map(({ raw }) => ({ raw, extension: "html" })),
    css: [{ raw: css }],
    defaultExtractor: (text) => text.match(/[A-Za-z][\w-]*/g) ?? [],
    variables: true,
    keyframes: true,
    fontFace: true,
    safelist: ["html", "body"],
    blocklist: await ownClasses(),
  });
  await mkdir(join(modules, ".guanxi"), { recursive: true });
  await writeFile(join(modules, ".guanxi", "tabler.css"), result.css);
}

async function main() {
  const icons = await listedIcons();
  await rm(output, { recursive: true, force: true });
  await mkdir(output, { recursive: true });
  await tabler();
  await build({
    entryPoints: { app: join(here, "ts", "app.ts") },
    outdir: output,
    bundle: true,
    minify: true,
    format: "iife",
    target: ["es2022"],
    legalComments: "none",
    logLevel: "warning",
  });
  await build({
    entryPoints: { app: join(here, "css", "app.css") },
    outdir: output,
    bundle: true,
    minify: true,
    loader: { ".woff2": "file" },
    external: ["/watermark.svg"],
    assetNames: "fonts/[name]",
    target: ["chrome111", "firefox113", "safari16.4"],
    legalComments: "none",
    logLevel: "warning",
  });
  await sprite(icons);
  await copyFile(join(here, "mark.svg"), join(output, "mark.svg"));
}

await main().catch((error) => {
  console.error(error.message ?? error);
  process.exit(1);
});
