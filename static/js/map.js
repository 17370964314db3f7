// <div data-map="pin | pick | areas">: everything else is read from its data-* attributes.
"use strict";

(() => {
  const CHINA = [[18, 73], [53.6, 135]];
  const LOCATE = 12000; // ms; the best fix within it is kept
  const POOR = 100; // metres
  const colours = { line: "#1a4f94", fill: "#7ea6d8", bare: "#8793a1", pin: "#b7191f" };

  document.querySelectorAll("[data-map]").forEach(draw);

  function draw(box) {
    const words = box.dataset;
    // Quarter steps: what is to be seen fills a phone's small map, names and all.
    const map = L.map(box, { preferCanvas: true, maxZoom: 19, zoomControl: false, zoomSnap: .25 });
    map.attributionControl.setPrefix("");
    L.control.zoom({ zoomInTitle: words.textZoomIn, zoomOutTitle: words.textZoomOut }).addTo(map);
    L.control.scale({ imperial: false }).addTo(map);
    const [west, south, east, north] = (words.extent ?? "").split(",").map(Number);
    map.fitBounds(north ? [[south, west], [north, east]] : CHINA);
    if (words.tiles) L.tileLayer(words.tiles, { attribution: words.attribution, maxZoom: 19 }).addTo(map);
    const point = words.lon && words.lat ? L.latLng(words.lat, words.lon) : null;
    if (words.url) loadAreas(map, box, { fit: !point && !words.extent });
    if (words.map === "areas") showLayers(map, box);
    if (words.map === "pin" && point) showPin(map, point, words.accuracy);
    if (words.map === "pick") pickPoint(map, box, point);
    // A map in a dialog or a fold has no size until it opens.
    new ResizeObserver(() => map.invalidateSize()).observe(box);
  }

  // Layers beside the grids, each with a switch: points by viewport, from a zoom on where they say
  // something; the server gives at most so many.
  const LIGHTS = { red: "#b7191f", yellow: "#b26a00", green: "#1f7a3f", "": "#56616f" };
  const DRAW = {
    stations: ([lon, lat, name, place]) =>
      L.marker([lat, lon], { icon: L.divIcon({ className: "map-station", iconSize: [18, 18] }), title: name, alt: name })
        .bindTooltip(textOf([name, place].filter(Boolean).join(" · "))),
    buildings: ([lon, lat, name, id, use, outline], { uses }, prefix) => {
      const style = { color: "#5b4636", weight: 1, fillColor: "#c9a27e", fillOpacity: 0.7 };
      const shape = outline ? L.geoJSON(outline, { style }) : L.circleMarker([lat, lon], { ...style, radius: 5 });
      return leadsTo(shape.bindTooltip(textOf(`${name} · ${uses[use]}`)), `${prefix}${id}/`);
    },
    facilities: ([lon, lat, name, id, kind], { uses }, prefix) =>
      leadsTo(
        L.circleMarker([lat, lon], { radius: 5, color: "#fff", weight: 1.5, fillColor: "#6b3fa0", fillOpacity: 1 })
          .bindTooltip(textOf(`${name} · ${uses[kind]}`)),
        `${prefix}${id}/`,
      ),
    cases: ([lon, lat, number, light, item], { items }, prefix) =>
      leadsTo(
        L.circleMarker([lat, lon], { radius: 7, color: "#fff", weight: 1.5, fillColor: LIGHTS[light], fillOpacity: 0.95 })
          .bindTooltip(textOf(`${items[item]} ${number}`)),
        `${prefix}${number}/`,
      ),
  };

  function leadsTo(shape, url) {
    return shape.on("click", () => location.assign(url));
  }

  function showLayers(map, box) {
    for (const input of document.querySelectorAll("input[data-layer][data-url]")) followViewport(map, box, input);
  }

  function followViewport(map, box, input) {
    const { url, near, prefix, layer } = input.dataset;
    const group = L.layerGroup().addTo(map);
    const count = input.closest("li").querySelector("output");
    const say = (word, values = {}) => {
      count.textContent = Object.entries(values).reduce(
        (text, [name, value]) => text.replace(`{${name}}`, value),
        count.dataset[word] ?? "",
      );
    };
    let asked = 0;
    async function refresh() {
      const mine = ++asked;
      if (!input.checked || map.getZoom() < Number(near)) {
        group.clearLayers();
        return say(input.checked ? "textCloser" : "");
      }
      const answer = await fetch(`${url}?bbox=${map.getBounds().toBBoxString()}`).catch(() => null);
      if (mine !== asked) return; // the map moved on meanwhile
      if (!answer?.ok) return tellFailure(box);
      const found = await answer.json();
      group.clearLayers();
      for (const point of found.points) DRAW[layer](point, found, prefix).addTo(group);
      say(found.more ? "textMore" : "textShown", { n: found.points.length, total: found.total ?? found.points.length });
    }
    map.on("moveend", refresh);
    input.addEventListener("change", refresh);
    document.addEventListener("governance:update", refresh);
    refresh();
  }

  function showPin(map, point, accuracy) {
    if (accuracy) L.circle(point, { radius: Number(accuracy), color: colours.line, weight: 1, fillOpacity: 0.1 }).addTo(map);
    L.circleMarker(point, { radius: 8, color: "#fff", weight: 2, fillColor: colours.pin, fillOpacity: 1 }).addTo(map);
    map.setView(point, 17);
  }

  function pickPoint(map, box, start) {
    const lon = document.querySelector(box.dataset.lonInput);
    const lat = document.querySelector(box.dataset.latInput);
    const tools = box.nextElementSibling;
    const status = tools?.querySelector("[data-locate-status]");
    const icon = L.divIcon({ className: "map-pin", iconSize: [28, 28], iconAnchor: [14, 28] });
    let marker = null;
    let halo = null;
    let stopLocating = () => {};

    function put(point, { zoom, accuracy } = {}) {
      marker ??= L.marker(point, { icon, draggable: true, autoPan: true, title: box.dataset.textPin })
        .on("dragstart", () => stopLocating())
        .on("dragend", () => chose(marker.getLatLng()))
        .addTo(map);
      marker.setLatLng(point);
      halo?.remove();
      halo = accuracy ? L.circle(point, { radius: accuracy, color: colours.line, weight: 1, fillOpacity: 0.1 }).addTo(map) : null;
      if (zoom) map.setView(point, zoom);
      [lon.value, lat.value] = [point.lng.toFixed(6), point.lat.toFixed(6)];
      const field = document.querySelector("[data-accuracy-input]");
      if (field) field.value = accuracy ? Math.round(accuracy) : "";
      lon.dispatchEvent(new Event("change", { bubbles: true }));
    }
    function chose(point) {
      stopLocating(); // a better fix would come later and put the pin elsewhere
      put(point);
      say("textPicked", { lon: lon.value, lat: lat.value });
    }
    function say(word, values = {}) {
      status.textContent = Object.entries(values).reduce(
        (text, [name, value]) => text.replace(`{${name}}`, value),
        status.dataset[word],
      );
    }

    if (lon.value && lat.value) start = L.latLng(lat.value, lon.value);
    if (start) put(start, { zoom: 17 });
    map.on("click", ({ latlng }) => chose(latlng));
    const locateMe = () => {
      stopLocating();
      say("textWaiting");
      stopLocating = locate(({ latitude, longitude, accuracy }) => {
        put(L.latLng(latitude, longitude), { zoom: 17, accuracy });
        say(accuracy > POOR ? "textPoor" : "textFound", { m: Math.round(accuracy) });
      }, () => say("textFailed"));
    };
    tools?.querySelector("[data-locate]").addEventListener("click", locateMe);
    if (box.hasAttribute("data-locate-now") && !lon.value) locateMe();
  }

  // Returns how to end it before it has ended by itself.
  function locate(found, failed) {
    if (!navigator.geolocation) {
      failed();
      return () => {};
    }
    let best = null;
    const end = () => {
      navigator.geolocation.clearWatch(watch);
      clearTimeout(timer);
    };
    const stop = () => {
      end();
      if (!best) failed();
    };
    const timer = setTimeout(stop, LOCATE);
    const watch = navigator.geolocation.watchPosition(
      ({ coords }) => {
        if (best && coords.accuracy >= best.accuracy) return;
        best = coords;
        found(coords);
        if (coords.accuracy <= 10) stop();
      },
      stop,
      { enableHighAccuracy: true, maximumAge: 0, timeout: LOCATE },
    );
    return end;
  }

  async function loadAreas(map, box, { fit }) {
    const answer = await fetch(box.dataset.url, { headers: { Accept: "application/json" } }).catch(() => null);
    if (!answer?.ok) return tellFailure(box);
    const layers = {};
    const labels = L.layerGroup().addTo(map);
    const all = [];
    const layer = L.geoJSON(await answer.json(), {
      interactive: box.dataset.map === "areas",
      style: ({ properties }) => ({
        color: colours.line, weight: 1.25,
        fillColor: properties.fill ?? colours.fill,
        fillOpacity: properties.fill ? 0.5 : box.dataset.map === "areas" ? 0.25 : 0.06,
      }),
      onEachFeature: (feature, area) => {
        layers[feature.id ?? feature.properties.id] = area;
        const { name, url } = feature.properties;
        if (box.dataset.map === "pin") return;
        const ends = middle(area);
        all.push({ ends, label: labelOf(ends), names: shorter(name ?? "") });
        if (box.dataset.map !== "areas") return;
        area.bindTooltip(textOf(name ?? ""), { sticky: true });
        if (url) area.on("click", () => location.assign(url));
        area.on("mouseover", () => area.setStyle({ weight: 3 })).on("mouseout", () => area.setStyle({ weight: 1.25 }));
      },
    }).addTo(map);
    layer.eachLayer((area) => area.bringToBack());
    if (fit && layer.getBounds().isValid()) map.fitBounds(layer.getBounds(), { padding: [12, 12] });
    const tidy = () => showApart(map, labels, all);
    map.on("zoomend", tidy);
    tidy();
    listBesideMap(map, layers);
    switchAreas(map, layer, labels);
  }

  function switchAreas(map, layer, labels) {
    const input = document.querySelector("input[data-layer=grids]");
    input?.addEventListener("change", () => {
      for (const one of [layer, labels]) input.checked ? one.addTo(map) : one.remove();
      layer.eachLayer((area) => area.bringToBack?.());
    });
  }

  // A name shows where its area is wide enough for it, else its short form; names that would lie
  // over one shown already wait until the map is closer.
  function showApart(map, labels, all) {
    const taken = [];
    labels.clearLayers();
    for (const { label, ends, names } of all) {
      const [left, right] = ends.map((end) => map.latLngToLayerPoint(end).x);
      const name = names.find((text) => 13 * text.length <= right - left);
      if (!name) continue;
      label.setContent(textOf(name));
      const { x, y } = map.latLngToLayerPoint(label.getLatLng());
      const half = 6.5 * name.length;
      if (taken.some((other) => Math.abs(other.x - x) < other.half + half && Math.abs(other.y - y) < 16)) continue;
      taken.push({ x, y, half });
      labels.addLayer(label);
    }
  }

  function textOf(words) {
    const text = document.createElement("span");
    text.textContent = words;
    return text;
  }

  // Names are text, never HTML: they come from data.
  function labelOf([west, east]) {
    return L.tooltip({ permanent: true, direction: "center", className: "map-label", interactive: false })
      .setLatLng([west.lat, (west.lng + east.lng) / 2]);
  }

  // The longest stretch of the level line through an area's middle that lies within it.
  function middle(area) {
    const { lat } = area.getBounds().getCenter();
    const ringsOf = (part) => (Array.isArray(part[0]) ? part.flatMap(ringsOf) : [part]);
    const crossings = ringsOf(area.getLatLngs()).flatMap((ring) => ring.flatMap((from, n) => {
      const to = ring[(n + 1) % ring.length];
      if (from.lat > lat === to.lat > lat) return [];
      return [from.lng + ((lat - from.lat) * (to.lng - from.lng)) / (to.lat - from.lat)];
    })).sort((one, other) => one - other);
    let [west, east] = crossings;
    for (let n = 2; n < crossings.length; n += 2) {
      if (crossings[n + 1] - crossings[n] > east - west) [west, east] = crossings.slice(n, n + 2);
    }
    return [L.latLng(lat, west), L.latLng(lat, east)];
  }

  // As it is; without what stands in brackets at its end; without the word "grid" or "community".
  function shorter(name) {
    const bare = name.replace(/\uff08[^\uff09]*\uff09$/, "");
    return [name, bare, bare.replace(/(\u7f51\u683c|\u793e\u533a)$/, "")];
  }

  function listBesideMap(map, layers) {
    document.addEventListener("click", (event) => {
      const area = layers[event.target.closest("[data-area]")?.dataset.area];
      if (area) map.fitBounds(area.getBounds(), { maxZoom: 17, padding: [24, 24] });
    });
  }

  function tellFailure(box) {
    const note = document.createElement("p");
    note.className = "map-failed";
    note.setAttribute("role", "alert");
    note.textContent = box.dataset.textFailed;
    box.append(note);
  }
})();
