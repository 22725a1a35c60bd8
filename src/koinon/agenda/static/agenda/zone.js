// Shows a session's time by the reader's own clock, where that differs and nobody has chosen a clock yet.
const line = document.querySelector("p[data-zone]");
const [start, end] = document.querySelectorAll(".ticket .time time");
if (line && start && end) {
  try {
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    const begin = new Date(start.dateTime), finish = new Date(end.dateTime);
    const by = (when, timeZone) => new Intl.DateTimeFormat("en-GB", { hour: "numeric", minute: "2-digit", timeZone }).format(when);
    if (zone && by(begin, zone) !== by(begin, line.dataset.zone)) {
      const day = (timeZone) => new Intl.DateTimeFormat("en-CA", { timeZone }).format(begin);
      const other = day(zone) === day(line.dataset.zone) ? "" : ` (${new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeZone: zone }).format(begin)})`;
      line.textContent = line.dataset.text.replace("ZONE", zone).replace("TIME", `${by(begin, zone)}–${by(finish, zone)}${other}`);
      line.hidden = false;
    }
  } catch {
    // A browser that does not know its zone, or the event's, shows the event's own time alone.
  }
}
