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
    let chosen = [];

    input.addEventListener("change", async () => {
      const problems = [];
      input.setAttribute("aria-busy", "true");
      for (const file of input.files) {
        if (chosen.length >= limit) {
          problems.push(words.textTooMany.replace("{n}", limit));
          break;
        }
        if (file.type && !file.type.startsWith("image/")) {
          problems.push(words.textNotImage.replace("{name}", file.name));
          continue;
        }
        const small = await smaller(file);
        if (!small) problems.push(words.textUnreadable.replace("{name}", file.name));
        chosen.push(small ?? file);
      }
      input.removeAttribute("aria-busy");
      error.textContent = problems.join(" ");
      show();
    });

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

  // null when this browser can't read the format (HEIC in Chrome): the original is sent instead.
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
