// What the fields of Django's admin keep from those who cannot see them.

// One that searches as one types (select2) has no name of its own: it gets its label's.
const nameFields = (root) => {
  for (const field of root.querySelectorAll("select.admin-autocomplete")) {
    const label = field.labels[0]?.textContent.trim().replace(/[:\uff1a]$/, "");
    const shown = field.nextElementSibling?.querySelectorAll("[role=combobox], [role=textbox]");
    for (const part of label && shown ? shown : []) {
      part.removeAttribute("aria-labelledby");
      part.setAttribute("aria-label", label);
    }
  }
};

// The question marks of two lists side by side are told about, and are no words.
const nameHints = () => {
  for (const hint of document.querySelectorAll(".help-tooltip[aria-label]")) {
    hint.setAttribute("role", "img");
  }
};

// Each after Django's own, which was registered first.
window.django?.jQuery?.(() => nameFields(document));
window.addEventListener("load", nameHints);
document.addEventListener("formset:added", (event) => setTimeout(nameFields, 0, event.target));
