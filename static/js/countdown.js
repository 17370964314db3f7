// <time data-due="ISO">: what is left, or by how much it is late, in the words of <body data-left …>.
// It counts by the server's time, <body data-now>: an office computer's clock may be wrong.
"use strict";

const ahead = document.body.dataset.now ? Date.now() - new Date(document.body.dataset.now) : 0;

function span(milliseconds, words) {
  const minutes = Math.floor(Math.abs(milliseconds) / 60000);
  const [days, hours] = [Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60)];
  if (days) return words.days.replace("{d}", days).replace("{h}", hours);
  if (hours) return words.hours.replace("{h}", hours).replace("{m}", minutes % 60);
  return words.minutes.replace("{m}", minutes);
}

function countDown() {
  const { left, late, days, hours, minutes } = document.body.dataset;
  if (!left) return;
  for (const time of document.querySelectorAll("time[data-due]")) {
    const rest = new Date(time.dataset.due) - (Date.now() - ahead);
    const text = span(rest, { days, hours, minutes });
    time.textContent = (rest < 0 ? late : left).replace("{t}", text);
    if (rest < 0) time.closest("[data-light]")?.setAttribute("data-light", "red");
  }
}

countDown();
setInterval(countDown, 30000);
document.addEventListener("htmx:load", countDown);
