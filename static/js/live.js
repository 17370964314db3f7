// Live hints. One tab holds the event stream and tells the others, because a browser opens only six
// connections a host. Where there is no stream (204, a failure, plain http) each hint is a 30 s poll.
// Pages hear `governance:update` on document, with detail {topics: [...]}; "*" means "look yourself".
"use strict";

(() => {
  const POLL = 30000;
  const RETRY = 300000;
  if (!document.body.hasAttribute("data-live")) return;
  const url = document.body.dataset.events;
  const channel = "BroadcastChannel" in window ? new BroadcastChannel("governance-live") : null;

  const announce = (topics) =>
    document.dispatchEvent(new CustomEvent("governance:update", { detail: { topics } }));
  const tellAll = (topics) => {
    announce(topics);
    channel?.postMessage(topics);
  };
  channel?.addEventListener("message", ({ data }) => announce(data));

  if (channel && navigator.locks && "EventSource" in window) {
    navigator.locks.request("governance-live", () => {
      stream();
      return new Promise(() => {}); // until this tab closes, when the next one takes over
    });
  } else {
    setInterval(() => document.hidden || announce(["*"]), POLL);
  }

  function stream() {
    let failures = 0;
    let poll = null;
    const source = new EventSource(url);
    source.onopen = () => {
      failures = 0;
      clearInterval(poll);
      poll = null;
    };
    source.onmessage = ({ data }) => tellAll(topicsOf(data));
    source.onerror = () => {
      failures += 1;
      poll ??= setInterval(() => tellAll(["*"]), POLL);
      if (source.readyState !== EventSource.CLOSED && failures < 3) return;
      source.close();
      setTimeout(() => {
        clearInterval(poll);
        stream();
      }, RETRY);
    };
  }

  function topicsOf(data) {
    try {
      const message = JSON.parse(data);
      return Array.isArray(message) ? message : (message.topics ?? ["*"]);
    } catch {
      return ["*"];
    }
  }
})();

// A list with <button data-live-pill data-live-of="#list" data-topics="cases"> compares the rows on
// screen with what the server has now, and says how many differ. A click swaps the new list in.
(() => {
  const pill = document.querySelector("[data-live-pill]");
  if (!pill) return;
  const list = () => document.querySelector(pill.dataset.liveOf);
  const topics = pill.dataset.topics.split(" ");
  let waiting = null;

  document.addEventListener("governance:update", ({ detail }) => {
    if (!detail.topics.some((topic) => topic === "*" || topics.includes(topic))) return;
    waiting ??= setTimeout(look, 1000 + Math.random() * 2000);
  });
  document.addEventListener("visibilitychange", () => document.hidden || (waiting === "later" && look()));
  document.addEventListener("htmx:afterSwap", ({ target }) => {
    if (target === list()) pill.hidden = true;
  });
  pill.addEventListener("click", () => {
    htmx.ajax("GET", location.href, { target: pill.dataset.liveOf, swap: "outerHTML" });
    pill.hidden = true;
  });

  async function look() {
    if (document.hidden) return void (waiting = "later");
    waiting = null;
    const answer = await fetch(location.href, {
      headers: { "HX-Request": "true" },
      cache: "no-store",
    }).catch(() => null);
    if (!answer?.ok || answer.redirected) return;
    const then = stamps(list());
    const now = stamps(new DOMParser().parseFromString(await answer.text(), "text/html"));
    const changed = [...now].filter(([row, stamp]) => then.get(row) !== stamp).length;
    const gone = [...then.keys()].filter((row) => !now.has(row)).length;
    pill.hidden = !(changed + gone);
    pill.querySelector("span").textContent = pill.dataset.text.replace("{n}", Math.max(changed, gone));
  }

  function stamps(root) {
    return new Map([...root.querySelectorAll("[data-row]")].map((row) => [row.dataset.row, row.dataset.stamp]));
  }
})();
