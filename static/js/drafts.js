// What was typed into a form that was not taken, as the session had ended, comes back after the
// log-in. A form that is sent is kept until the next page: that is one behind <body data-door> (the
// log-in, "page expired") if it was not taken; any other page drops it. It stays in this tab, and is
// for the user of the page it was typed on.
"use strict";

(() => {
  const LONGEST = 600000; // ms between sending and the door; later it was another request that failed
  const TYPED = "select, textarea, input:not([type=hidden], [type=password], [type=file], [type=search], [type=submit])";
  const { user = "", draft: words } = document.body.dataset;
  const atDoor = document.body.hasAttribute("data-door");

  const read = () => JSON.parse(sessionStorage.getItem("draft"));
  const drop = () => sessionStorage.removeItem("draft");
  const write = (draft) => sessionStorage.setItem("draft", JSON.stringify(draft));

  document.addEventListener("submit", ({ target: form }) => {
    if (!atDoor && form.method === "post" && !form.hasAttribute("hx-post")) keep([form]);
  });
  // The log-in comes instead of a part of the page: everything on the page goes.
  document.addEventListener("htmx:beforeOnLoad", ({ detail }) => {
    if (!detail.xhr.getResponseHeader("HX-Redirect")) return;
    const forms = [...document.querySelectorAll("form[method=post]")].filter((form) => fieldsOf(form).some(isTyped));
    if (forms.length) keep(forms);
  });

  function keep(forms) {
    const kept = forms.map((form) => [addressOf(form), contentOf(form)]);
    write({ user, sent: Date.now(), forms: Object.fromEntries(kept) });
  }

  function addressOf(form) {
    const url = new URL(form.getAttribute("action") || location.href, location.href);
    return url.pathname + url.search;
  }

  // Typed, or written by a widget of ours: the choice of a picker, the place on the map.
  function fieldsOf(form) {
    const ids = [...form.querySelectorAll("[data-map=pick]")].flatMap(({ dataset }) => [dataset.lonInput, dataset.latInput]);
    const own = ["[data-picker] input[type=hidden]", ...ids].join();
    return [...form.elements].filter((field) => (field.name && field.matches(TYPED) && !field.disabled) || field.matches(own));
  }
  const isChoice = (field) => field.type === "checkbox" || field.type === "radio";
  const stateOf = (field) =>
    isChoice(field) ? field.checked : field.multiple ? [...field.selectedOptions].map(({ value }) => value) : field.value;
  const isTyped = (field) =>
    isChoice(field) ? field.checked !== field.defaultChecked : "defaultValue" in field && field.value !== field.defaultValue;

  // Fields of one name are told apart by value, or else by their order.
  function namedFields(form) {
    const seen = {};
    return fieldsOf(form).map((field) => {
      const nth = (seen[field.name] = (seen[field.name] ?? -1) + 1);
      return [JSON.stringify([field.name, isChoice(field) ? field.value : nth]), field];
    });
  }
  function contentOf(form) {
    return Object.fromEntries(namedFields(form).map(([name, field]) => [name, { state: stateOf(field), label: labelOf(field) }]));
  }
  const labelOf = (field) =>
    field.type === "hidden" ? (field.closest("[data-picker]")?.querySelector(".picked span").textContent ?? "") : "";

  // At once, before other scripts read the fields; the events when htmx listens to them.
  function comeBack() {
    const changed = [...document.querySelectorAll("form")].flatMap(fill);
    document.addEventListener("DOMContentLoaded", () => {
      tell(changed);
      openForm();
    });
    document.addEventListener("htmx:afterSettle", ({ detail }) => {
      tell([...detail.target.querySelectorAll("form")].flatMap(fill));
    });
  }

  function fill(form) {
    const draft = read();
    const content = draft?.lost && draft.forms[addressOf(form)];
    if (!content) return [];
    const changed = namedFields(form)
      .filter(([name, field]) => name in content && !isTyped(field))
      .map(([name, field]) => [field, content[name]])
      .filter(([field, { state }]) => JSON.stringify(stateOf(field)) !== JSON.stringify(state));
    changed.forEach(([field, { state }]) => put(field, state));
    if (changed.length) say(form);
    delete draft.forms[addressOf(form)];
    Object.keys(draft.forms).length ? write(draft) : drop();
    return changed;
  }

  function put(field, state) {
    if (isChoice(field)) field.checked = state;
    else if (field.multiple) for (const option of field.options) option.selected = state.includes(option.value);
    else field.value = state;
  }

  function tell(changed) {
    for (const [field, { state, label }] of changed) {
      const picker = field.type === "hidden" && field.closest("[data-picker]");
      if (picker) choose(picker, state, label);
      else for (const name of ["input", "change"]) field.dispatchEvent(new Event(name, { bubbles: true }));
    }
  }

  function say(form) {
    const note = document.createElement("div");
    note.className = "note warning";
    note.setAttribute("role", "status");
    const text = document.createElement("p");
    text.textContent = words;
    note.append(text);
    (form.querySelector(".body") ?? form).prepend(note);
  }

  // The form was in a dialog, which the page brings when it is asked for.
  function openForm() {
    const draft = read();
    if (!draft?.lost || draft.opened) return;
    const address = ({ href }) => new URL(href).pathname;
    const opens = [...document.querySelectorAll("a[data-act][hx-get]")].find((link) => address(link) in draft.forms);
    if (!opens) return;
    write({ ...draft, opened: true });
    opens.click();
  }

  const found = read();
  if (found && atDoor && (found.lost || Date.now() - found.sent < LONGEST)) write({ ...found, lost: true });
  else if (found?.lost && found.user === user) comeBack();
  else drop();
})();
