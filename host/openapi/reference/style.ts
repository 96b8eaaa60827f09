/** That of a reference page. */
export const STYLE = `
:root{color-scheme:light dark;--ink:light-dark(#1c2127,#e3e6ea);--soft:light-dark(#5b6673,#9aa5b1);--line:light-dark(#dfe3e8,#323a44);--back:light-dark(#fff,#14181d);--side:light-dark(#f6f7f9,#1a1f26);--code:light-dark(#f1f3f6,#20262e);--link:light-dark(#0b57d0,#7fb0ff);--warn:light-dark(#9a3412,#fdba74);--get:light-dark(#0f6e3f,#5fd39a);--post:light-dark(#0b57d0,#7fb0ff);--put:light-dark(#8a5a00,#f2c14e);--delete:light-dark(#b3261e,#ff8f87)}
*{box-sizing:border-box}
html{scroll-padding-top:1rem}
body{margin:0;color:var(--ink);background:var(--back);font:15px/1.55 system-ui,sans-serif;display:grid;grid-template-columns:minmax(14rem,19rem) minmax(0,1fr)}
nav{position:sticky;top:0;height:100vh;overflow:auto;padding:1rem;background:var(--side);border-right:1px solid var(--line);font-size:14px}
nav ul{list-style:none;margin:.2rem 0 .8rem;padding:0}
nav li a{display:block;padding:.15rem .4rem;border-radius:4px;color:inherit;text-decoration:none;overflow-wrap:anywhere}
nav li a:hover{background:var(--code)}
nav summary{font-weight:600;cursor:pointer;padding:.2rem 0}
nav .name{margin:0 0 .8rem;font-weight:700}
nav .name a{color:inherit;text-decoration:none}
main{padding:1.5rem 2rem 6rem;max-width:60rem}
a{color:var(--link)}
h1{font-size:1.7rem;line-height:1.25;margin:0 0 .5rem}
h1 small{font-size:.9rem;font-weight:400;color:var(--soft);border:1px solid var(--line);border-radius:1rem;padding:.1rem .6rem;vertical-align:middle}
h2{font-size:1.3rem;margin:2.5rem 0 .5rem;padding-bottom:.3rem;border-bottom:1px solid var(--line)}
h3{font-size:1rem;margin:0 0 .4rem;overflow-wrap:anywhere}
h4{font-size:.85rem;margin:1.1rem 0 .3rem;color:var(--soft);text-transform:uppercase;letter-spacing:.04em}
article{margin:1.2rem 0;padding:1rem 1.2rem;border:1px solid var(--line);border-radius:8px}
article:target{outline:2px solid var(--link)}
code,pre{font:13px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
p code,dd code,dt code,.summary code{background:var(--code);border-radius:4px;padding:.05rem .3rem}
pre{margin:.6rem 0;padding:.7rem .9rem;background:var(--code);border-radius:6px;overflow:auto}
pre code{background:none;padding:0}
.text p,.summary{margin:.4rem 0}
.text .heading{font-weight:600}
.summary{font-size:1.05em}
.method{display:inline-block;min-width:3.6em;font:600 12px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;text-transform:uppercase;color:var(--soft)}
.get,.head{color:var(--get)}
.post{color:var(--post)}
.put,.patch{color:var(--put)}
.delete{color:var(--delete)}
.path{font-weight:600;font-size:14px}
.status{font-weight:600}
.s2{color:var(--get)}
.s4,.s5{color:var(--delete)}
.required{font-weight:500;font-size:.8em;color:var(--delete)}
.deprecated{font-weight:500;font-size:.8em;color:var(--warn)}
.in,.media,.facts,.security{color:var(--soft);font-size:.9em}
.security{margin:.3rem 0}
.about{display:block}
details{margin:.4rem 0}
main summary{cursor:pointer}
.content{margin:.5rem 0}
dl{margin:.3rem 0}
.fields{display:grid;grid-template-columns:fit-content(16rem) minmax(0,1fr);gap:.3rem 1rem}
.fields dt,.fields dd{overflow-wrap:anywhere}
.fields dd{margin:0}
.fields .fields{display:block;border-left:2px solid var(--line);padding-left:.8rem}
.fields .fields dd{margin-left:1rem}
.fields .text p{margin:.1rem 0}
.facts-of{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem;margin-top:1rem}
.facts-of dt{color:var(--soft)}
.facts-of dd{margin:0;overflow-wrap:anywhere}
@media(max-width:800px){body{display:block}nav{position:static;height:auto;max-height:40vh;border-right:0;border-bottom:1px solid var(--line)}main{padding:1rem}}
@media print{nav{display:none}body{display:block}}
`;

/** Of the text above, as a Content-Security-Policy names it; a test compares them. */
export const STYLE_HASH = 'sha256-jxXiaPQUNrFaJYCFq9FnAfcG1GlBrw+T96T77+nbWVQ=';
