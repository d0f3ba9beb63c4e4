// What the page does in the browser: two films that play in step, and words for screen readers.

const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
const DRIFT = 0.12; // seconds by which the two films may be apart

class BeforeAfter extends HTMLElement {
  connectedCallback() {
    if (this.ready) return;
    this.ready = true;
    const { before, after, captionsBefore, captionsAfter, picture } = this.dataset;
    this.innerHTML = `
      <div class="emo-pair">
        <figure><figcaption>Before</figcaption></figure>
        <figure><figcaption>After</figcaption></figure>
      </div>
      <p class="emo-trouble" hidden></p>
      <div class="emo-controls">
        <button type="button" class="emo-play">Play both</button>
        <input type="range" min="0" max="1" step="0.01" value="0" aria-label="Position in both films">
        <output class="emo-clock">0:00</output>
      </div>
      <div class="emo-controls">
        <fieldset class="emo-sound"><legend>Sound</legend>
          <label><input type="radio" value="after" checked> after</label>
          <label><input type="radio" value="before"> before</label>
        </fieldset>
        <label><input type="checkbox" class="emo-captions"> Captions</label>
      </div>`;
    const [left, right] = this.querySelectorAll("figure");
    this.films = [];
    if (picture) {
      const still = document.createElement("img");
      still.src = picture;
      still.alt = "The portrait, before";
      left.append(still);
      this.querySelector(".emo-sound").hidden = true;
      this.querySelector(".emo-play").textContent = "Play";
    } else {
      this.before = this.film(left, before, captionsBefore, "The original film");
      this.before.muted = true;
    }
    this.after = this.film(right, after, captionsAfter, "The new film");
    this.button = this.querySelector(".emo-play");
    this.words = this.button.textContent;
    this.slider = this.querySelector("input[type=range]");
    this.output = this.querySelector("output");
    this.button.addEventListener("click", () => (this.playing ? this.pause() : this.play()));
    this.slider.addEventListener("input", () => this.seek(Number(this.slider.value)));
    const group = `emo-sound-${Math.random()}`;
    for (const radio of this.querySelectorAll("input[type=radio]")) {
      radio.name = group;
      radio.addEventListener("change", () => {
        this.after.muted = radio.value !== "after";
        if (this.before) this.before.muted = radio.value !== "before";
      });
    }
    this.querySelector(".emo-captions").addEventListener("change", (event) => {
      for (const film of this.films)
        for (const track of film.textTracks) track.mode = event.target.checked ? "showing" : "hidden";
    });
  }

  disconnectedCallback() {
    for (const film of this.films ?? []) film.pause();
    this.playing = false;
  }

  film(place, source, captions, label) {
    const film = document.createElement("video");
    film.preload = "auto";
    film.playsInline = true;
    film.setAttribute("aria-label", label);
    film.src = source;
    if (captions) {
      const track = document.createElement("track");
      Object.assign(track, { kind: "captions", src: captions, srclang: "en", label: "Words" });
      film.append(track);
    }
    film.addEventListener("loadedmetadata", () => this.measure());
    film.addEventListener("ended", () => {
      if (film === this.leader) this.pause();
    });
    film.addEventListener("error", () => {
      const trouble = this.querySelector(".emo-trouble");
      trouble.textContent = `${label} cannot be played by this browser.`;
      trouble.hidden = false;
    });
    this.films.push(film);
    place.append(film);
    return film;
  }

  get leader() { // the longer one keeps the time
    return this.films.reduce((a, b) => ((b.duration || 0) > (a.duration || 0) ? b : a));
  }

  measure() {
    this.length = this.leader.duration || 0;
    this.slider.max = String(this.length);
    this.show(this.leader.currentTime);
  }

  async play() {
    if (this.leader.ended || this.leader.currentTime >= this.length - 0.05) this.seek(0);
    this.playing = true;
    this.button.textContent = this.words.replace("Play", "Pause");
    const at = this.leader.currentTime;
    for (const film of this.films) if (film !== this.leader) film.currentTime = Math.min(at, film.duration || 0);
    await Promise.allSettled(this.films.filter((f) => at < f.duration).map((f) => f.play()));
    this.follow();
  }

  pause() {
    this.playing = false;
    this.button.textContent = this.words;
    for (const film of this.films) film.pause();
  }

  seek(time) {
    for (const film of this.films) {
      film.currentTime = Math.min(time, film.duration || 0);
      if (this.playing && film.paused && time < film.duration) film.play();
    }
    this.show(time);
  }

  follow() {
    if (!this.playing) return;
    const time = this.leader.currentTime;
    for (const film of this.films) {
      if (film === this.leader || film.ended || film.seeking) continue;
      if (time < film.duration && Math.abs(film.currentTime - time) > DRIFT) film.currentTime = time;
    }
    this.show(time);
    if (this.leader.ended) this.pause();
    else requestAnimationFrame(() => this.follow());
  }

  show(time) {
    this.slider.value = String(time);
    this.slider.setAttribute("aria-valuetext", `${time.toFixed(1)} of ${(this.length || 0).toFixed(1)} seconds`);
    this.output.textContent = `${clock(time)} / ${clock(this.length || 0)}`;
  }
}

customElements.define("before-after", BeforeAfter);

// A live region has to be there before its words change; Gradio replaces its own elements.
const region = (role) => {
  const element = document.createElement("div");
  element.className = "emo-unseen";
  element.setAttribute("role", role);
  document.body.append(element);
  return element;
};
const status = region("status");
const alarm = region("alert");

const speak = () => {
  const last = (name) => [...document.querySelectorAll(`[data-${name}]`)].map((e) => e.dataset[name]).join(" ");
  const [say, shout] = [last("say"), last("alert")];
  if (status.textContent !== say) status.textContent = say;
  if (alarm.textContent === shout) return;
  alarm.textContent = shout;
  document.querySelector("[data-alert]")?.scrollIntoView({ block: "nearest" });
};
let due = 0;
new MutationObserver(() => {
  if (due) return;
  due = setTimeout(() => {
    due = 0;
    speak();
  }, 300);
}).observe(document.body, { childList: true, subtree: true, attributes: true, attributeFilter: ["data-say", "data-alert"] });
document.documentElement.lang = "en";
