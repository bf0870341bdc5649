// SPDX-License-Identifier: LGPL-2.1-or-later
// Knows how one element fills the screen. iPhones give that to <video> alone, which would leave out
// MJPEG and our controls: there the element fills the window instead.

const FILLS_WINDOW = 'fills-window';

export class Fullscreen {
  #element;
  #onChange;

  constructor(element, onChange) {
    this.#element = element;
    this.#onChange = onChange;
    document.addEventListener('fullscreenchange', () => onChange(this.isOn));
    document.addEventListener('keydown', (event) => {
      if (event.key === 'Escape' && element.classList.contains(FILLS_WINDOW))
        this.#fillWindow(false);
    });
  }

  get isOn() {
    return document.fullscreenElement === this.#element
      || this.#element.classList.contains(FILLS_WINDOW);
  }

  async toggle() {
    if (document.fullscreenElement === this.#element)
      await document.exitFullscreen();
    else if (this.isOn || !document.fullscreenEnabled)
      this.#fillWindow(!this.isOn);
    else
      await this.#element.requestFullscreen().catch(() => this.#fillWindow(true));
  }

  #fillWindow(on) {
    this.#element.classList.toggle(FILLS_WINDOW, on);
    document.documentElement.classList.toggle('is-covered', on);
    this.#onChange(on);
  }
}
