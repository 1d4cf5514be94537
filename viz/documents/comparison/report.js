"use strict";
(() => {
  // Toggle policies: the page is complete without this.
  const key = document.querySelector(".key");
  for (const item of key.querySelectorAll("li")) {
    const button = document.createElement("button");
    button.type = "button";
    button.title = "Show or hide in the charts";
    button.setAttribute("aria-pressed", "true");
    button.append(...item.childNodes);
    button.addEventListener("click", () => {
      const on = button.getAttribute("aria-pressed") !== "true";
      button.setAttribute("aria-pressed", String(on));
      for (const part of document.querySelectorAll(".arm-" + item.dataset.arm)) {
        part.style.display = on ? "" : "none";
      }
    });
    item.append(button);
  }
  // Read values off a chart.
  const tip = document.createElement("div");
  tip.className = "tip";
  tip.hidden = true;
  document.body.append(tip);
  const round = (v) => (v === null ? "–" : v.toLocaleString("en-US", { maximumFractionDigits: Math.abs(v) < 10 ? 1 : 0 }));
  for (const chart of document.querySelectorAll("svg.series")) {
    const months = JSON.parse(chart.dataset.months);
    const lines = Object.entries(JSON.parse(chart.dataset.series));
    const left = Number(chart.dataset.left);
    const right = Number(chart.dataset.right);
    chart.addEventListener("pointermove", (event) => {
      const box = chart.getBoundingClientRect();
      const x = ((event.clientX - box.left) / box.width) * chart.viewBox.baseVal.width;
      const index = Math.round(((x - left) / (right - left)) * (months.length - 1));
      tip.hidden = index < 0 || index >= months.length;
      if (tip.hidden) return;
      tip.replaceChildren(months[index] + ", " + chart.dataset.unit);
      for (const [name, values] of lines) {
        const row = document.createElement("div");
        const value = document.createElement("b");
        value.textContent = round(values[index]);
        row.append(value, " " + name);
        tip.append(row);
      }
      tip.style.left = Math.min(event.clientX + 14, window.innerWidth - tip.offsetWidth - 8) + "px";
      tip.style.top = event.clientY + 14 + "px";
    });
    chart.addEventListener("pointerleave", () => { tip.hidden = true; });
  }
})();
