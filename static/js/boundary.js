// The admin's boundary map: django-leaflet's widget, made to keep holes and to speak the page's language.
"use strict";

(() => {
  const read = (id) => JSON.parse(document.getElementById(id).textContent);

  // The widget's own store writes outer rings only. Each polygon is a layer of its own here.
  L.BoundaryStore = L.FieldStore.extend({
    _serialize(layers) {
      const areas = layers.getLayers().flatMap((layer) => {
        const { type, coordinates } = layer.toGeoJSON(this.options.precision).geometry;
        return type === "Polygon" ? [coordinates] : coordinates;
      });
      return areas.length ? JSON.stringify({ type: "MultiPolygon", coordinates: areas }) : "";
    },
    _deserialize(value) {
      if (!value.trim()) return null;
      const { type, coordinates } = JSON.parse(value);
      const areas = type === "Polygon" ? [coordinates] : coordinates;
      return L.layerGroup(areas.map((area) => L.GeoJSON.geometryToLayer({ type: "Polygon", coordinates: area })));
    },
  });

  function speak(target, words) {
    for (const [key, word] of Object.entries(words)) {
      if (typeof word === "string") target[key] = word;
      else speak((target[key] ??= {}), word);
    }
  }

  window.addEventListener("map:init", ({ detail: { map } }) => {
    const { draw, edit, zoom, unsaved } = read("boundary-words");
    speak(L.drawLocal, { draw, edit });
    L.GeometryField.unsavedText = unsaved;
    map.zoomControl.remove();
    L.control.zoom(zoom).addTo(map);
    map.on("map:loadfield", ({ field }) => showAround(map, field));
  });

  // What borders on it, to draw along; a new grid starts there.
  async function showAround(map, field) {
    const answer = await fetch(read("boundary-around").url).catch(() => null);
    if (!answer?.ok) return;
    const style = { color: "#8793a1", weight: 1, fillOpacity: 0.04 };
    const around = L.geoJSON(await answer.json(), { interactive: false, style, renderer: L.canvas() });
    around.addTo(map);
    if (!field.drawnItems.getLayers().length && around.getBounds().isValid()) map.fitBounds(around.getBounds());
  }
})();
