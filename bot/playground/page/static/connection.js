// The WebSocket to the playground: requests with answers, pushes, and calm reconnecting.

const AGAIN_AFTER = [300, 1000, 2000, 4000]; // milliseconds

export class Connection {
  /** `hears` gets every push; `opened` runs after each (re)connection; `lost` when it breaks. */
  constructor({ hears, opened, lost }) {
    Object.assign(this, { hears, opened, lost, waiting: new Map(), number: 0, failures: 0 });
  }

  open() {
    this.socket = new WebSocket(`ws://${location.host}/live`);
    this.socket.onopen = () => {
      this.failures = 0;
      this.opened();
    };
    this.socket.onmessage = (event) => this.take(JSON.parse(event.data));
    this.socket.onclose = () => this.again();
  }

  again() {
    for (const { refuse } of this.waiting.values()) refuse(new Error("The playground does not answer just now."));
    this.waiting.clear();
    this.lost();
    setTimeout(() => this.open(), AGAIN_AFTER[Math.min(this.failures++, AGAIN_AFTER.length - 1)]);
  }

  take(said) {
    if (!("re" in said)) return this.hears(said);
    const asked = this.waiting.get(said.re);
    this.waiting.delete(said.re);
    if (said.ok) asked?.resolve(said);
    else asked?.refuse(new Error(said.error));
  }

  /** Ask for one of the acts the server knows; rejects with words for the person. */
  ask(act, fields = {}) {
    return new Promise((resolve, refuse) => {
      if (this.socket?.readyState !== WebSocket.OPEN) {
        refuse(new Error("The playground does not answer just now. Try again in a moment."));
        return;
      }
      const id = ++this.number;
      this.waiting.set(id, { resolve, refuse });
      this.socket.send(JSON.stringify({ id, act, ...fields }));
    });
  }
}
