/** The report's look: legible on a phone and on paper, in the light or dark that the reader has chosen. */
export const reportStyle = `
:root{color-scheme:light dark;--text:#1c1e21;--page:#fff;--soft:#f3f4f6;--line:#d0d4da;--quiet:#5a6069;--link:#0b57a4;
--error:#a8151b;--warning:#855000;--gone:#fbe4e4;--new:#def3e2;--gone-word:#f2b3b3;--new-word:#a5dfb1}
@media (prefers-color-scheme:dark){:root{--text:#e6e8eb;--page:#16181b;--soft:#22262b;--line:#3d434b;--quiet:#a3abb5;--link:#86bbf5;
--error:#ff9a9a;--warning:#f2bf66;--gone:#3f2023;--new:#173622;--gone-word:#77333a;--new-word:#2a6b3f}}
*{box-sizing:border-box}
body{font:1rem/1.5 system-ui,sans-serif;color:var(--text);background:var(--page);max-width:60rem;margin:0 auto;padding:1rem;overflow-wrap:anywhere}
h1{font-size:1.6rem;line-height:1.25;margin:.5rem 0}
h2{font-size:1.25rem;margin:2.25rem 0 .75rem;padding-bottom:.25rem;border-bottom:1px solid var(--line)}
h3{font-size:1.05rem;margin:1.5rem 0 .5rem}
p{margin:.5rem 0;max-width:44rem}
a{color:var(--link)}
:focus-visible{outline:3px solid var(--link);outline-offset:2px}
small,header p,dt,th{color:var(--quiet)}
nav ul{display:flex;flex-wrap:wrap;gap:.25rem 1rem;padding:0;margin:1rem 0;list-style:none}
nav a{display:inline-block;padding:.3rem 0}
#state>p:first-of-type{font-size:1.1rem}
code,pre{font:.9rem/1.5 ui-monospace,monospace}
pre{white-space:pre-wrap;margin:.5rem 0;padding:.75rem;background:var(--soft);max-height:30rem;overflow:auto}
.commands code{background:var(--soft);padding:.15rem .35rem}
dl{margin:.75rem 0}
dl div{display:grid;grid-template-columns:7rem 1fr;gap:0 .75rem;padding:.15rem 0}
dd{margin:0;min-width:0}
table{border-collapse:collapse;margin:1rem 0;min-width:min(100%,24rem)}
th,td{text-align:left;vertical-align:top;padding:.35rem 1rem .35rem 0;border-bottom:1px solid var(--line)}
th{overflow-wrap:normal}
th:last-child,td:last-child{padding-right:0}
.number{text-align:right;white-space:nowrap}
.findings{padding:0;list-style:none}
.findings li{padding:.5rem 0;border-bottom:1px solid var(--line)}
.error{color:var(--error)}.warning{color:var(--warning)}
.place{font-weight:600}.place::after{content:":"}
.diff ins,.diff del,.diff span{display:inline-block;width:100%;text-decoration:none}
.diff ins{background:var(--new)}.diff del{background:var(--gone)}
.diff mark{color:inherit;font-weight:700}.diff ins mark{background:var(--new-word)}.diff del mark{background:var(--gone-word)}
.hunk{color:var(--quiet)}
article{border:1px solid var(--line);border-radius:.4rem;padding:0 .75rem .75rem;margin:1rem 0}
iframe{display:block;width:100%;height:34rem;border:1px solid var(--line);background:#fff;color-scheme:light}
summary{cursor:pointer;padding:.5rem 0}
@media (max-width:30rem){dl div{grid-template-columns:1fr}th,td{padding-right:.6rem}}
@media print{nav{display:none}pre{max-height:none}}
`;
