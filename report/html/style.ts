/** The look of the report: the colours of both schemes, and the rules that use them. */

/** Colours by name; every text colour has 4.5:1 and every mark 3:1 on both backgrounds of its scheme. */
export const light = {
  page: "#ffffff",
  panel: "#f4f6f8",
  line: "#d0d7de",
  text: "#1b1f24",
  muted: "#57606a",
  good: "#146c2e",
  bad: "#b3141f",
  warn: "#855600",
  note: "#0757b5",
  step0: "#0969da",
  step1: "#8250df",
  step2: "#a8327f",
  step3: "#8a5c00",
  step4: "#1a7f37",
  step5: "#57606a",
} as const;

export const dark: Record<keyof typeof light, string> = {
  page: "#0d1117",
  panel: "#171d26",
  line: "#3a424d",
  text: "#e6edf3",
  muted: "#a3acb6",
  good: "#4cc764",
  bad: "#ff8a82",
  warn: "#e0ab3a",
  note: "#6cb2ff",
  step0: "#58a6ff",
  step1: "#bc8cff",
  step2: "#f778ba",
  step3: "#d29922",
  step4: "#3fb950",
  step5: "#9198a1",
};

/** How many kinds of step have a colour of their own; the others share the last one. */
export const stepColours = 6;

const variables = (colours: Record<string, string>) =>
  Object.entries(colours)
    .map(([name, value]) => `--${name}:${value}`)
    .join(";");

const steps = Array.from(
  { length: stepColours },
  (_, index) => `.k${index}{fill:var(--step${index});background:var(--step${index})}`,
).join("\n");

export const style = `
:root{color-scheme:light dark;${variables(light)}}
@media (prefers-color-scheme:dark){:root{${variables(dark)}}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--text);font:16px/1.5 system-ui,-apple-system,"Segoe UI",sans-serif;overflow-wrap:anywhere}
main{max-width:72rem;margin:0 auto;padding:1.5rem 1rem 4rem}
h1,h2,h3{line-height:1.25;margin:2.5rem 0 .75rem}
h1{font-size:1.75rem;margin-top:0}
h2{font-size:1.35rem}
h3{font-size:1.1rem;margin-top:2rem}
p{margin:.5rem 0}
.muted{color:var(--muted)}
.good{color:var(--good)}.bad{color:var(--bad)}.warn{color:var(--warn)}.note{color:var(--note)}
.verdict{display:inline-block;font-size:1.2rem;font-weight:700;padding:.3rem .9rem;border:2px solid currentColor;border-radius:2rem;margin:.25rem 0 .75rem}
.lead{font-size:1.1rem}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(10rem,1fr));gap:.75rem;margin:1rem 0;padding:0;list-style:none}
.tiles li{background:var(--panel);border:1px solid var(--line);border-radius:.5rem;padding:.75rem 1rem}
.tiles b{display:block;font-size:1.4rem;line-height:1.3}
.scroll{overflow-x:auto;border:1px solid var(--line);border-radius:.5rem;background:var(--panel)}
.scroll svg{display:block;width:100%;height:auto}
.scroll:focus-visible{outline:3px solid var(--note)}
.wide svg{min-width:46rem}
table{border-collapse:collapse;width:100%;font-size:.92rem}
caption{text-align:left;padding:.6rem .75rem;color:var(--muted)}
th,td{text-align:left;vertical-align:top;padding:.4rem .75rem;border-top:1px solid var(--line);overflow-wrap:normal}
td.long,th.long{min-width:12rem;overflow-wrap:anywhere}
thead th{border-top:0;white-space:nowrap}
td.number{white-space:nowrap;font-variant-numeric:tabular-nums}
ul.found{list-style:none;padding:0;margin:0}
ul.found>li{border-left:.3rem solid var(--line);background:var(--panel);border-radius:.25rem;padding:.6rem .9rem;margin:.6rem 0}
ul.found>li.error{border-color:var(--bad)}ul.found>li.warning{border-color:var(--warn)}ul.found>li.info{border-color:var(--note)}
.tag{font-weight:700}
.legend{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;list-style:none;padding:0;margin:.75rem 0;font-size:.9rem}
.legend i{display:inline-block;width:.9rem;height:.9rem;border-radius:.15rem;margin-right:.4rem;vertical-align:-.1rem;forced-color-adjust:none;print-color-adjust:exact}
details{margin:.75rem 0}
summary{cursor:pointer;color:var(--note)}
pre{margin:0;padding:.75rem;font-size:.8rem;white-space:pre-wrap;max-height:40rem;overflow:auto}
svg text{fill:var(--text);font-size:12px}
svg .dim{fill:var(--muted)}
svg .strong{font-weight:700}
svg .grid{stroke:var(--line);fill:none}
svg .goal{stroke:var(--bad);stroke-dasharray:6 4;fill:none}
svg .box{fill:var(--page);stroke:var(--line)}
svg .path{stroke:var(--note);stroke-width:2;fill:none}
svg .dot{fill:var(--note)}
svg .open{stroke:var(--good);stroke-width:2.5;fill:none}
svg .shut{stroke:var(--bad);stroke-width:2.5;stroke-dasharray:7 5;fill:none}
svg .unasked{stroke:var(--muted);stroke-width:2.5;stroke-dasharray:2 5;fill:none}
svg text.good{fill:var(--good)}svg text.bad{fill:var(--bad)}
svg .whole{fill:var(--muted);stroke:var(--panel);stroke-width:1.5}
svg .broken{fill:var(--bad)}
${steps}
@media print{
:root{color-scheme:light;${variables(light)}}
main{max-width:none;padding:0}
body{font-size:11pt}
h1,h2,h3{break-after:avoid}
.tiles li,ul.found>li,tr{break-inside:avoid}
.scroll{overflow:visible;border:0;background:none}
.wide svg{min-width:0}
table{font-size:8.5pt}
th,td{overflow-wrap:anywhere;padding:.2rem .4rem}
td.long,th.long{min-width:0}
details{display:none}
a{color:inherit}
}
`;
