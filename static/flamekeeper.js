// What a page gains where scripts run. Everything here is an addition: each page and action works without it.
"use strict";

const root = document.documentElement;

// -- theme: the form works by itself; here it changes without a reload -------------------------------------------

function applyTheme(theme) {
  if (theme === "auto") delete root.dataset.theme;
  else root.dataset.theme = theme;
  for (const button of document.querySelectorAll(".themes button")) {
    button.setAttribute("aria-pressed", String(button.value === theme));
  }
  recolourPlots();
}

document.addEventListener("submit", (event) => {
  if (!event.target.matches(".themes") || !event.submitter) return;
  event.preventDefault();
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `theme=${event.submitter.value}; path=/; max-age=31536000; SameSite=Lax${secure}`;
  applyTheme(event.submitter.value);
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => recolourPlots());

// -- times: absolute first in the reader's zone, relative in brackets, UTC on hover ------------------------------

const STEPS = [[31557600, "year"], [2629800, "month"], [604800, "week"], [86400, "day"], [3600, "hour"], [60, "minute"]];

function relative(then, now) {
  const seconds = (now - then) / 1000;
  for (const [length, name] of STEPS) {
    const count = Math.floor(Math.abs(seconds) / length);
    if (count < 1) continue;
    const words = `${count} ${name}${count > 1 ? "s" : ""}`;
    return seconds > 0 ? `${words} ago` : `in ${words}`;
  }
  return seconds >= 0 ? "just now" : "in a moment";
}

function localiseTimes(within) {
  const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });
  const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZoneName: "short" });
  for (const element of within.querySelectorAll("time[data-moment]")) {
    const then = new Date(element.dateTime);
    element.querySelector(".absolute").textContent = `${day.format(then)}, ${clock.format(then)}`;
    const bracket = element.querySelector(".relative");
    if (bracket) bracket.textContent = `(${relative(then, new Date())})`;
  }
}
setInterval(() => localiseTimes(document), 30000);

// -- commands to copy ---------------------------------------------------------------------------------------------

document.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-copy]");
  if (!button) return;
  const code = button.parentElement.querySelector("code");
  try {
    await navigator.clipboard.writeText(code.textContent);
    button.textContent = "Copied";
  } catch {
    // No permission, or a page that is not served securely: select it, so that the keyboard can copy.
    getSelection().selectAllChildren(code);
    button.textContent = "Selected";
  }
  setTimeout(() => { button.textContent = "Copy"; }, 2000);
});

// -- plots: JSON made by Plotly's Python library, colours taken from the page --------------------------------------

const probe = document.createElement("span");
probe.hidden = true;

function pageColour(name) {
  if (!probe.isConnected) document.body.append(probe);
  probe.style.color = `var(${name})`;
  return getComputedStyle(probe).color;
}

// A figure names the page's colours as "var(--ink)": resolved at each drawing, so that a theme change is a redraw.
function coloured(value) {
  if (typeof value === "string") return value.replace(/var\((--[\w-]+)\)/g, (_, name) => pageColour(name));
  if (Array.isArray(value)) return value.map(coloured);
  if (value && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, coloured(inner)]));
  }
  return value;
}

function drawPlot(figure) {
  const source = document.getElementById(figure.dataset.plot);
  if (!source || !window.Plotly) return;
  const { data, layout } = coloured(JSON.parse(source.textContent));
  const canvas = figure.querySelector(".canvas");
  window.Plotly.react(canvas, data, layout, { displayModeBar: false, responsive: true, scrollZoom: false });
}

function drawPlots(within) {
  for (const figure of within.querySelectorAll("figure.plot[data-plot]")) drawPlot(figure);
}

function recolourPlots() { drawPlots(document); }

// Paper is white whatever the screen shows.
let screenTheme;
addEventListener("beforeprint", () => { screenTheme = root.dataset.theme; root.dataset.theme = "light"; recolourPlots(); });
addEventListener("afterprint", () => {
  if (screenTheme) root.dataset.theme = screenTheme;
  else delete root.dataset.theme;
  recolourPlots();
});

// -- live parts -----------------------------------------------------------------------------------------------------

function enhance(within) {
  localiseTimes(within);
  drawPlots(within);
}

function showConnection(lost) {
  const notice = document.getElementById("connection");
  if (notice) notice.hidden = !lost;
}

document.addEventListener("htmx:afterSettle", (event) => enhance(event.target));
document.addEventListener("htmx:sendError", () => showConnection(true));
document.addEventListener("htmx:responseError", () => showConnection(true));
document.addEventListener("htmx:afterOnLoad", () => showConnection(false));

enhance(document);
