// Everything works without this: it only saves clicks. Keys for review, live progress, dropping files.
"use strict";
(() => {
  const one = (selector) => document.querySelector(selector);
  const review = one("#review");
  const keys = one("#keys");
  if (keys) {
    keys.closest(".keys").hidden = false;
    keys.checked = localStorage.getItem("keys") !== "off";
    keys.addEventListener("change", () => localStorage.setItem("keys", keys.checked ? "on" : "off"));
  }
  document.addEventListener("keydown", (event) => {
    if (event.target.matches("textarea") && event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      event.target.form.requestSubmit();
      return;
    }
    if (event.key === "Escape" && event.target.matches("textarea")) event.target.blur();
    if (!keys || !keys.checked || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.matches("textarea, select, input:not([type=radio]):not([type=checkbox])")) return;
    const go = { n: "#after", p: "#before" }[event.key];
    if (go && one(go)) one(go).click();
    if (event.key === "m" && one("#note")) { event.preventDefault(); one("#note").focus(); }
    const radio = review && review.querySelector(`input[data-key="${CSS.escape(event.key)}"]`);
    if (radio) { event.preventDefault(); radio.checked = true; one("#reason").focus(); }
  });
  const drop = one("#drop");
  if (drop) {
    for (const name of ["dragover", "dragleave", "drop"]) {
      drop.addEventListener(name, (event) => { event.preventDefault(); drop.classList.toggle("over", name === "dragover"); });
    }
    drop.addEventListener("drop", (event) => { one("#file").files = event.dataTransfer.files; });
  }
  if (document.body.dataset.active) {
    const ask = async () => {
      const answer = await fetch("/jobs.json", { headers: { accept: "application/json" } });
      if (!answer.ok) return;
      const found = await answer.json();
      let reload = found.active === 0;
      for (const job of found.jobs) {
        const row = one(`[data-job="${job.n}"]`);
        if (!row) { reload = true; continue; }
        if (row.querySelector(".state").textContent !== job.label) row.querySelector(".state").textContent = job.label;
        row.querySelector(".news").textContent = job.news;
      }
      // A form that somebody is filling in is not thrown away by a reload.
      const busy = document.activeElement && document.activeElement.matches("input, textarea, select");
      if (reload && !busy) location.reload(); else setTimeout(ask, reload ? 3000 : 700);
    };
    setTimeout(ask, 500);
  }
})();
