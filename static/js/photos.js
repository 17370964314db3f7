// Pictures are shown and made small (1600 px, JPEG) on the phone, before they travel.
"use strict";

(() => {
  const LONGEST = 1600;
  const QUALITY = 0.82;
  document.querySelectorAll("[data-photos]").forEach(watch);
  document.addEventListener("htmx:afterSwap", ({ detail }) => detail.target.querySelectorAll("[data-photos]").forEach(watch));

  function watch(field) {
    const input = field.querySelector("input[type=file]");
    const list = field.querySelector("[data-photo-list]");
    const error = field.querySelector("[data-photo-error]");
    const words = field.dataset;
    const limit = Number(words.limit);
    const mega = Math.floor(words.maxBytes / 1048576);
    let chosen = [];

    input.addEventListener("change", async () => {
      const problems = [];
      input.setAttribute("aria-busy", "true");
      for (const file of input.files) {
        if (chosen.length >= limit) {
          problems.push(words.textTooMany.replace("{n}", limit));
          break;
        }
        const small = file.size ? await smaller(file) : null;
        const refused = small ? "" : whyNot(file);
        if (!small) problems.push(words[refused || "textUnreadable"].replace("{name}", file.name).replace("{n}", mega));
        if (!refused) chosen.push(small ?? file);
      }
      input.removeAttribute("aria-busy");
      error.textContent = problems.join(" ");
      show();
    });

    // Of a file that this browser can't make smaller: what the server would say about it, said now.
    function whyNot(file) {
      if (!file.size) return "textEmpty";
      if (file.type && !file.type.startsWith("image/")) return "textNotImage";
      if (!words.formats.split(" ").includes(file.type)) return "textFormat";
      return file.size > words.maxBytes ? "textTooLarge" : "";
    }

    function show() {
      const files = new DataTransfer();
      chosen.forEach((file) => files.items.add(file));
      input.files = files.files;
      for (const image of list.querySelectorAll("img")) URL.revokeObjectURL(image.src);
      list.replaceChildren(...chosen.map(entry));
    }

    function entry(file) {
      const item = document.createElement("li");
      const image = document.createElement("img");
      const remove = document.createElement("button");
      image.src = URL.createObjectURL(file);
      image.alt = file.name;
      remove.type = "button";
      remove.className = "btn";
      remove.textContent = words.textRemove;
      remove.setAttribute("aria-label", `${words.textRemove} ${file.name}`);
      remove.addEventListener("click", () => {
        chosen = chosen.filter((other) => other !== file);
        show();
        input.focus();
      });
      item.append(image, remove);
      return item;
    }
  }

  // null when this browser can't read it (HEIC in Chrome); what the server may still be able to
  // read is sent as it is.
  async function smaller(file) {
    try {
      const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
      const scale = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
      const canvas = document.createElement("canvas");
      canvas.width = Math.round(picture.width * scale);
      canvas.height = Math.round(picture.height * scale);
      canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
      picture.close();
      const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
      const name = file.name.replace(/\.\w+$/, "") + ".jpg";
      return new File([blob], name, { type: "image/jpeg", lastModified: file.lastModified });
    } catch {
      return null;
    }
  }
})();
