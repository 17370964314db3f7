// What every page does: CSRF for htmx, live search, pickers, dialogs, menus, shortcuts.
"use strict";

document.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers["X-CSRFToken"] = document.querySelector("meta[name=csrf]").content;
});

// Pinyin input: `keyup` would search l, la, laj. Wait for the word that was chosen.
const searchTimers = new WeakMap();
function searchSoon(event) {
  const field = event.target.closest("[data-live-search]");
  if (!field || event.isComposing) return;
  clearTimeout(searchTimers.get(field));
  searchTimers.set(field, setTimeout(() => htmx.trigger(field, "live-search"), 300));
}
document.addEventListener("input", searchSoon);
document.addEventListener("compositionend", searchSoon);

document.addEventListener("click", (event) => {
  const on = (selector) => event.target.closest(selector);
  let found;
  if ((found = on("[data-opens]"))) openDialog(document.getElementById(found.dataset.opens));
  if ((found = on("[data-closes]"))) found.closest("dialog").close();
  if ((found = on("[data-dismiss]"))) found.closest(found.dataset.dismiss).remove();
  if ((found = on("[data-print]"))) window.print();
  if ((found = on("[data-text-size]"))) toggleTextSize(found);
  if ((found = on("[data-pick]"))) pick(found);
  if ((found = on("[data-toggles]"))) {
    const open = document.getElementById(found.dataset.toggles).classList.toggle("open");
    found.setAttribute("aria-expanded", open);
  }
  if (event.target instanceof HTMLDialogElement && outside(event)) event.target.close();
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
  if (!on("[data-picker]")) clearResults(document);
});

function outside({ target, clientX, clientY }) {
  const box = target.getBoundingClientRect();
  return clientX < box.left || clientX > box.right || clientY < box.top || clientY > box.bottom;
}

function openDialog(dialog) {
  document.querySelectorAll("details[data-menu][open]").forEach((menu) => (menu.open = false));
  dialog.showModal();
  const fields = "input:not([type=hidden], [type=file]), select, textarea";
  (dialog.querySelector("[aria-invalid]") ?? dialog.querySelector(fields))?.focus();
}
document.querySelectorAll("dialog[data-open-now]").forEach(openDialog);
// So does a page that came back refused: it begins where the first fault is.
function showFault() {
  if (document.querySelector("dialog[open], [autofocus]")) return;
  const faults = "main form[method=post] :is([role=alert], .errorlist, [aria-invalid=true]:not([type=hidden]))";
  const fault = [...document.querySelectorAll(faults)].find((one) => one.getClientRects().length);
  if (!fault) return;
  const inputs = "input:not([type=hidden]), select, textarea";
  const field = fault.closest(".field");
  const place = fault.matches(inputs) ? fault : (field?.querySelector(inputs) ?? fault);
  if (place === fault && !fault.matches(inputs)) fault.tabIndex = -1;
  place.focus({ preventScroll: true });
  (field ?? fault).scrollIntoView({ block: "center" });
}
showFault();
// The form of a move comes when it is asked for; it opens over whatever list it was chosen from.
document.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.target.id !== "act-dialog") return;
  document.querySelectorAll("dialog[open]").forEach((dialog) => dialog.close());
  detail.target.querySelectorAll("dialog").forEach(openDialog);
  locateIn(detail.target);
});
// Signing in on the spot tells where that is, once, if the phone can tell.
function locateIn(root) {
  for (const status of root.querySelectorAll("[data-locating]")) {
    const field = (name) => status.closest("form").querySelector(`[name=${name}]`);
    const failed = () => { status.textContent = status.dataset.textFailed; };
    if (!navigator.geolocation) { failed(); continue; }
    navigator.geolocation.getCurrentPosition(({ coords }) => {
      field("lon").value = coords.longitude.toFixed(6);
      field("lat").value = coords.latitude.toFixed(6);
      status.textContent = status.dataset.textFound.replace("{m}", Math.round(coords.accuracy));
    }, failed, { enableHighAccuracy: true, timeout: 12000 });
  }
}
locateIn(document);

// A form in a dialog that htmx sent is done when the answer is good.
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.successful && detail.elt.matches("dialog form")) detail.elt.closest("dialog").close();
});

// Ask before a form with data-confirm; no form is sent twice by a double click, but one that was
// stopped on its way can be sent again. Where the browser doesn't tell that, it can after a while.
const AGAIN = window.navigation ? 60000 : 10000; // ms
let sending = null;
function showSending(form, submitter) {
  const button = submitter ?? form.querySelector("button:not([type=button])");
  const text = [...(button?.childNodes ?? [])].filter((node) => node.nodeType === 3 && node.data.trim()).pop();
  sending = { form, button, text, words: text?.data };
  sending.timer = setTimeout(endSending, AGAIN, sending);
  button?.setAttribute("aria-busy", "true");
  if (text) text.data = document.querySelector("meta[name=sending]").content;
}
function endSending(one) {
  if (!one || one !== sending) return;
  sending = null;
  clearTimeout(one.timer);
  one.button?.removeAttribute("aria-busy");
  if (one.text) one.text.data = one.words;
  delete one.form.dataset.confirmed;
}
window.navigation?.addEventListener("navigate", ({ formData, signal }) => {
  const mine = sending;
  if (formData) signal.addEventListener("abort", () => endSending(mine));
});
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (form.method === "dialog" || form.hasAttribute("hx-post") || form.method === "get") return;
  if (form.dataset.confirm && !form.dataset.confirmed) {
    event.preventDefault();
    if (!(await confirmed(form.dataset.confirm))) return;
    form.dataset.confirmed = "yes";
    form.requestSubmit(event.submitter);
    return;
  }
  if (event.submitter?.hasAttribute("data-file")) return; // a file leaves the page as it is
  if (sending?.form === form) return event.preventDefault();
  endSending(sending);
  showSending(form, event.submitter);
});
window.addEventListener("pageshow", (event) => event.persisted && location.reload());

function confirmed(question) {
  const dialog = document.getElementById("confirm");
  dialog.querySelector("p").textContent = question;
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

// Pickers: a search box, its results, and the hidden field that holds the choice.
function pick(choice) {
  choose(choice.closest("[data-picker]"), choice.dataset.pick, choice.dataset.pickLabel);
}
function choose(picker, value, label) {
  const hidden = picker.querySelector("input[type=hidden]");
  const picked = picker.querySelector(".picked");
  hidden.value = value;
  picked.querySelector("span").textContent = label;
  picked.hidden = false;
  picker.querySelector("[type=search]").value = label;
  clearResults(picker);
  hidden.dispatchEvent(new Event("change", { bubbles: true }));
}
// Other words than those of the choice are no choice: what depended on it is asked anew.
document.addEventListener("input", ({ target }) => {
  const picker = target.type === "search" && target.closest("[data-picker]");
  const hidden = picker && picker.querySelector("input[type=hidden]");
  if (!hidden?.value) return;
  hidden.value = "";
  picker.querySelector(".picked").hidden = true;
  hidden.dispatchEvent(new Event("change", { bubbles: true }));
});
function clearResults(within) {
  within.querySelectorAll(".picker-results").forEach((list) => list.replaceChildren());
}
document.addEventListener("keydown", (event) => {
  const picker = event.target.closest?.("[data-picker]");
  if (!picker || event.isComposing) return;
  const buttons = [...picker.querySelectorAll(".picker-results button")];
  if (event.key === "Escape") clearResults(picker);
  if (event.key === "Enter" && event.target.type === "search") {
    event.preventDefault();
    buttons[0]?.click();
  }
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step || !buttons.length) return;
  event.preventDefault();
  const stops = [picker.querySelector("[type=search]"), ...buttons];
  stops.at((stops.indexOf(event.target) + step) % stops.length).focus();
});

// A standard text goes into the field below, to be read and changed before it is sent: in place of
// the one chosen before, and after what somebody typed.
document.addEventListener("change", ({ target }) => {
  if (!target.matches?.("select[data-fills]")) return;
  const field = document.getElementById(target.dataset.fills);
  const text = target.selectedOptions[0].dataset.text ?? "";
  const typed = field.value.replace(target.filled ?? "", "").trim();
  field.value = [typed, text].filter(Boolean).join("\n");
  target.filled = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
});

// "Another one": opening the fold enables its fields and lets go of the choices above.
document.addEventListener(
  "toggle",
  ({ target }) => {
    if (!target.matches?.("details[data-alternative]")) return;
    const fields = [...target.querySelectorAll("select, input")];
    fields.forEach((field) => (field.disabled = !target.open));
    const radios = [...target.closest("form").querySelectorAll("input[type=radio]")].filter(
      (radio) => radio.name === fields[0].name,
    );
    if (target.open) target.chosen = radios.find((radio) => radio.checked);
    for (const radio of radios) {
      radio.required = !target.open;
      radio.checked = !target.open && radio === target.chosen;
      // choosing a suggestion after all closes the fold
      radio.onclick = () => { target.chosen = radio; target.open = false; };
    }
  },
  true,
);

// Choosing rows of the list: all of the page at once, and how many.
document.addEventListener("change", ({ target }) => {
  const form = target.form;
  if (form?.id !== "bulk" && !target.matches("[data-pick-all]")) return;
  const boxes = [...document.querySelectorAll("input[form=bulk][name=number]")];
  if (target.matches("[data-pick-all]")) boxes.forEach((box) => (box.checked = target.checked));
  const count = document.querySelector("[data-picked]");
  const chosen = boxes.filter((box) => box.checked).length;
  count.textContent = chosen ? count.dataset.text.replace("{n}", chosen) : "";
});

function toggleTextSize(button) {
  const large = document.documentElement.dataset.text !== "large";
  document.documentElement.dataset.text = large ? "large" : "normal";
  button.setAttribute("aria-pressed", large);
  document.cookie = `text=${large ? "large" : "normal"}; path=/; max-age=31536000; samesite=lax`;
}

// Shortcuts, which can be switched off (WCAG 2.1.4).
const shortcutSwitch = document.querySelector("[data-shortcuts]");
if (shortcutSwitch) {
  shortcutSwitch.checked = localStorage.getItem("shortcuts") !== "off";
  shortcutSwitch.addEventListener("change", () => {
    localStorage.setItem("shortcuts", shortcutSwitch.checked ? "on" : "off");
  });
  document.addEventListener("keydown", (event) => {
    const busy = event.isComposing || event.ctrlKey || event.metaKey || event.altKey;
    const typing = event.target.closest?.("input, select, textarea, dialog, [role=application]");
    if (busy || typing || !shortcutSwitch.checked) return;
    const acts = {
      "/": () => document.querySelector("[data-live-search]")?.focus(),
      "?": () => openDialog(document.getElementById("shortcuts")),
      j: () => moveRow(1),
      k: () => moveRow(-1),
      o: () => document.querySelector("tr[aria-current] a.main-link")?.click(),
    };
    if (!acts[event.key]) return;
    event.preventDefault();
    acts[event.key]();
  });
}
function moveRow(step) {
  const rows = [...document.querySelectorAll("tr[data-row]")];
  const now = rows.findIndex((row) => row.hasAttribute("aria-current"));
  const next = rows[Math.max(0, Math.min(rows.length - 1, now + step))];
  rows[now]?.removeAttribute("aria-current");
  next?.setAttribute("aria-current", "true");
  next?.querySelector("a.main-link")?.focus();
}

// What a message will say, as it is being written; cut where the channel cuts it.
document.addEventListener("input", ({ target }) => {
  for (const shown of document.querySelectorAll(`[data-mirrors="${CSS.escape(target.id)}"]`)) {
    const words = Array.from(target.value.trim());
    const most = Number(shown.dataset.most) || words.length;
    shown.textContent = words.length > most ? `${words.slice(0, most - 1).join("")}…` : words.join("");
  }
});

// The way back to the list as it was filtered, sorted and paged.
window.addEventListener("pagehide", () => {
  if (document.getElementById("queue")) sessionStorage.setItem("list", location.pathname + location.search);
});
document.querySelectorAll("a[data-to-list]").forEach((link) => {
  const list = sessionStorage.getItem("list") ?? "";
  if (list.startsWith(`${link.pathname}?`)) link.href = list;
});
