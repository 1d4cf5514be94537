"""How the screen looks: one sheet of style, no font and no picture from elsewhere."""

CSS = """
:root { --ink:#243b53; --muted:#52667a; --a:#0072B2; --b:#D55E00; --line:#d5dee8;
  --ground:#eef3f8; }
.tb-app { background:var(--ground); color:var(--ink); min-height:100vh; font-size:14px; }
.tb-app * { box-sizing:border-box; }
.tb-header { background:#102a43; color:#fff; display:flex; flex-wrap:wrap; align-items:center;
  gap:8px 24px; padding:10px 20px; }
.tb-header h1 { font-size:20px; margin:0; }
.tb-header .tb-note { color:#c9d6e3; margin:0; flex:1 1 260px; }
.tb-header .v-btn { color:#fff !important; }
.tb-grid { display:grid; gap:12px; padding:12px; align-items:start;
  grid-template-columns:290px minmax(0,1fr) 350px; }
.tb-side, .tb-middle { display:grid; gap:12px; min-width:0; }
.tb-card { background:#fff; border:1px solid var(--line); border-radius:8px; padding:12px 14px;
  min-width:0; }
.tb-card h2 { font-size:15px; margin:0 0 4px; } .tb-card h3 { font-size:14px; margin:8px 0 2px; }
.tb-note { color:var(--muted); font-size:12.5px; line-height:1.4; margin:2px 0 6px; }
.tb-maps { display:grid; gap:12px; grid-template-columns:repeat(2,minmax(0,1fr)); }
.tb-map-title h2 { display:flex; flex-wrap:wrap; gap:2px 8px; align-items:baseline; }
.tb-map-title small { font-weight:400; color:var(--muted); font-size:12px;
  overflow-wrap:anywhere; }
.tb-map-title p { margin:4px 0 0; font-size:12.5px; min-height:1.4em;
  overflow-wrap:anywhere; }
.tb-worldmap.tb-a h2, .tb-world.tb-a h3, .tb-stories .tb-a h3 { color:var(--a); }
.tb-worldmap.tb-b h2, .tb-world.tb-b h3, .tb-stories .tb-b h3 { color:#ad4c00; }
.tb-timebar { display:flex; flex-wrap:wrap; align-items:center; gap:4px 10px; background:#fff;
  border:1px solid var(--line); border-radius:8px; padding:6px 12px; }
.tb-scrub { flex:1 1 220px; min-width:140px; } .tb-speed { flex:0 1 150px; }
.tb-world .v-select__selections { flex-wrap:wrap; }
.tb-timebar .v-input__slot { margin-bottom:0; } .tb-timebar .v-messages { display:none; }
.tb-timebar .tb-step { min-width:36px !important; padding:0 6px !important; }
.tb-day { font-variant-numeric:tabular-nums; min-width:190px; }
.tb-state { color:var(--muted); padding:2px 4px; } .tb-trouble { color:#a4160f; }
.tb-charts { display:grid; gap:12px; grid-template-columns:repeat(2,minmax(0,1fr)); }
.tb-outcomes { border-collapse:collapse; width:100%; table-layout:auto; font-size:12.5px;
  font-variant-numeric:tabular-nums; }
.tb-outcomes th[scope=row] { text-align:left; font-weight:400; padding:3px 6px 3px 0; }
.tb-outcomes td, .tb-outcomes th[scope=col] { text-align:right; padding:3px 0 3px 6px;
  white-space:nowrap; }
.tb-outcomes tbody tr { border-top:1px solid #e7edf3; }
.tb-world { border-left:3px solid var(--line); padding-left:10px; margin:8px 0; }
.tb-world.tb-a { border-color:var(--a); } .tb-world.tb-b { border-color:var(--b); }
.tb-run-settings { display:grid; gap:0 10px; grid-template-columns:repeat(3,minmax(0,1fr)); }
.tb-lever { margin:6px 0 2px; } .tb-lever label { white-space:normal !important; }
.tb-label { font-size:12.5px; line-height:1.35; color:var(--muted); }
.tb-label b { color:var(--ink); }
.tb-lever .v-messages, .tb-show .v-messages { display:none; }
.tb-lever .v-input, .tb-show .v-input { margin-top:0; padding-top:0; }
.tb-show .v-input__slot { margin-bottom:2px; }
.tb-files { display:flex; flex-wrap:wrap; gap:8px; }
.tb-stories { display:grid; gap:12px; grid-template-columns:1fr 1fr; }
.tb-stories ol { list-style:none; padding:0 0 0 8px; margin:0; border-left:2px solid var(--line);
  max-height:420px; overflow:auto; font-size:12.5px; }
.tb-stories li { margin:0 0 6px; } .tb-stories time { color:var(--muted); display:block; }
.tb-sankeys { display:grid; grid-template-columns:repeat(auto-fit,minmax(300px,1fr)); gap:12px; }
.tb-sankeys figure { margin:0; } .tb-sankeys svg { width:100%; height:auto; }
.tb-about { max-width:820px; margin:0 auto; padding:12px; line-height:1.55; }
.tb-app :focus-visible { outline:3px solid #E69F00; outline-offset:1px; }
@media (max-width:1180px) { .tb-grid { grid-template-columns:minmax(0,1fr); }
  .tb-middle { order:-1; } }
@media (max-width:760px) { .tb-maps, .tb-charts { grid-template-columns:minmax(0,1fr); }
  .tb-timebar { position:sticky; top:0; z-index:5; } .tb-speed { display:none; }
  .tb-worldmap.tb-b { order:-1; } .tb-grid { padding:8px; gap:8px; }
  .tb-card { padding:10px; } .tb-stories { grid-template-columns:1fr; } }
"""
